"""The operations that are answered at once, as JSON: reading, renaming, deleting, feedback."""

from fastapi import Request

from proxy.api.chatkit.asking import found, unknown_thread
from proxy.api.chatkit.items import Object, items_of, page_object, thread_object
from proxy.api.chatkit.requests import (
    FeedbackParams,
    ItemsFeedback,
    ItemsList,
    ItemsParams,
    ListParams,
    ThreadsDelete,
    ThreadsGetById,
    ThreadsList,
    ThreadsSyncCustomAction,
    ThreadsUpdate,
    UpdateParams,
)
from proxy.api.deps import state_of
from proxy.caller import Caller
from proxy.store import Conversations, Feedback, LazyStore

_FIRST_ITEMS = 20
"""What the official server gives where nothing else is asked for."""
_MAX_ITEMS = 200
_MAX_THREADS = 1_000

PlainOperation = (
    ThreadsGetById
    | ThreadsList
    | ThreadsUpdate
    | ThreadsDelete
    | ThreadsSyncCustomAction
    | ItemsList
    | ItemsFeedback
)


async def answer(request: Request, caller: Caller, operation: PlainOperation) -> Object:
    """Return what an operation is answered with.

    Raises:
        NotFound: there is no such thread.
        StoreUnavailable: the database does not answer.
    """
    reading = _Reading(caller, state_of(request).store)
    match operation:
        case ThreadsGetById():
            told = await reading.thread(operation.params.thread_id)
        case ThreadsList():
            told = await reading.threads(operation.params)
        case ThreadsUpdate():
            told = await reading.rename(operation.params)
        case ThreadsDelete():
            told = await reading.delete(operation.params.thread_id)
        case ItemsList():
            told = await reading.items(operation.params)
        case ItemsFeedback():
            told = await reading.take_feedback(operation.params)
        case ThreadsSyncCustomAction():
            await found(reading.store, caller, operation.params.thread_id)
            told = {}
    return told


class _Reading:
    def __init__(self, caller: Caller, store: LazyStore) -> None:
        self.store = store
        self._caller = caller

    async def _conversations(self) -> Conversations:
        return (await self.store()).conversations

    async def thread(self, thread_id: str) -> Object:
        thread = await found(self.store, self._caller, thread_id)
        first = ItemsParams(thread_id=thread_id, limit=_FIRST_ITEMS, order="asc")
        return thread_object(thread, await self._page_of_items(first))

    async def threads(self, asked: ListParams) -> Object:
        page = await (await self._conversations()).conversations(
            self._caller,
            limit=min(asked.limit or _FIRST_ITEMS, _MAX_THREADS),
            after=asked.after,
            oldest_first=asked.order == "asc",
        )
        last_id = page.records[-1].conversation_id if page.records else None
        threads = [thread_object(one) for one in page.records]
        return page_object(threads, has_more=page.has_more, last_id=last_id)

    async def items(self, asked: ItemsParams) -> Object:
        await found(self.store, self._caller, asked.thread_id)
        return await self._page_of_items(asked)

    async def _page_of_items(self, asked: ItemsParams) -> Object:
        page = await (await self._conversations()).messages(
            self._caller,
            asked.thread_id,
            limit=min(asked.limit or _FIRST_ITEMS, _MAX_ITEMS),
            after=asked.after,
            newest_first=asked.order == "desc",
        )
        last_id = page.records[-1].message_id if page.records else None
        items = items_of(page.records, asked.thread_id)
        return page_object(items, has_more=page.has_more, last_id=last_id)

    async def rename(self, asked: UpdateParams) -> Object:
        conversations = await self._conversations()
        if not await conversations.rename(self._caller, asked.thread_id, asked.title):
            raise unknown_thread()
        return thread_object(await found(self.store, self._caller, asked.thread_id))

    async def delete(self, thread_id: str) -> Object:
        if not await (await self._conversations()).delete(self._caller, thread_id):
            raise unknown_thread()
        return {}

    async def take_feedback(self, given: FeedbackParams) -> Object:
        """Keep it with the answers that are still there: one may have been asked for again."""
        await found(self.store, self._caller, given.thread_id)
        conversations = await self._conversations()
        for item_id in given.item_ids:
            feedback = Feedback(item_id, given.kind)
            await conversations.give_feedback(self._caller, given.thread_id, feedback)
        return {}
