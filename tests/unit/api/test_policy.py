"""A key's policy is an upper bound: what it does not allow is as if it were not there."""

from types import SimpleNamespace

import pytest
from fastapi import Request

from proxy.api.policy import within_policy
from proxy.caller import Caller
from proxy.errors import InvalidRequest, RetrievalUnavailable
from proxy.protocol.rag_options import RagOptions
from tests.support.asgi import scope
from tests.support.core_ports import ListIndex

BOUND = Caller("key:b", "reader", books=frozenset({"pumps", "not-yet"}))


def request_of(caller: Caller, *books: str, fails: bool = False) -> Request:
    request = Request(scope())
    away = RetrievalUnavailable("away") if fails else None
    index = ListIndex(book_ids=books, fails_with=away, is_gone=fails)
    request.state.proxy = SimpleNamespace(index=index)
    request.state.caller = caller
    return request


async def test_who_is_not_bound_asks_as_it_likes() -> None:
    options = RagOptions(books=["notes"])
    assert await within_policy(request_of(Caller("a", "reader")), options) is options


async def test_without_a_wish_all_that_is_allowed_and_there_is_searched() -> None:
    found = await within_policy(request_of(BOUND, "notes", "pumps"), RagOptions())
    assert found.books == ["pumps"]
    nothing = await within_policy(request_of(BOUND, "notes"), RagOptions())
    assert nothing.books == []


async def test_a_book_out_of_bounds_is_refused_as_one_that_does_not_exist() -> None:
    request = request_of(BOUND, "notes", "pumps")
    assert (await within_policy(request, RagOptions(books=["pumps"]))).books == ["pumps"]
    seen: set[tuple[str, str | None, str]] = set()
    for name in ("notes", "other"):
        with pytest.raises(InvalidRequest) as refused:
            await within_policy(request, RagOptions(books=["pumps", name]))
        error = refused.value
        seen.add((error.message.replace(name, "X"), error.param, error.code))
    assert seen == {("There is no book 'X'.", "rag.books", "book_not_found")}


async def test_while_the_books_cannot_be_listed_the_bound_holds() -> None:
    found = await within_policy(request_of(BOUND, fails=True), RagOptions())
    assert found.books == ["not-yet", "pumps"]
