"""What a caller's key allows, applied to the retrieval options of its request: an upper bound."""

from fastapi import Request

from proxy.api.deps import state_of
from proxy.api.guard import caller_of
from proxy.caller import Caller
from proxy.errors import InvalidRequest, RetrievalUnavailable
from proxy.protocol.rag_options import RagOptions


async def within_policy(request: Request, options: RagOptions) -> RagOptions:
    """Return the options within what the caller may read.

    Raises:
        InvalidRequest: a book was named that the caller may not read; as one that does not exist.
    """
    caller = caller_of(request)
    if caller.books is None:
        return options
    return options.model_copy(update={"books": await _readable(request, caller, options)})


async def _readable(request: Request, caller: Caller, options: RagOptions) -> list[str]:
    if options.books is not None:
        refused = sorted(book for book in options.books if not caller.may_read(book))
        if refused:
            raise InvalidRequest(
                f"There is no book '{refused[0]}'.", param="rag.books", code="book_not_found"
            )
        return options.books
    try:
        live = await state_of(request).index.books()
    except RetrievalUnavailable:  # the search will say so
        return sorted(caller.books or ())
    return sorted(book.book_id for book in live if caller.may_read(book.book_id))
