"""The official ChatKit server, answering as the fake upstream of our tests does."""

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from chatkit.server import ChatKitServer, StreamingResult
from chatkit.store import NotFoundError, Store
from chatkit.types import (
    Annotation,
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    Attachment,
    ClientToolCallItem,
    Page,
    ProgressUpdateEvent,
    ThreadItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    ThreadStreamEvent,
    UserMessageItem,
)

from tests.support import chatkit_upstream
from tests.support.chatkit_client import Json, frames


class OfficialStore(Store[Any]):
    """What the official server keeps, in dictionaries."""

    def __init__(self) -> None:
        self.threads: dict[str, ThreadMetadata] = {}
        self.items: dict[str, list[ThreadItem]] = {}

    async def load_thread(self, thread_id: str, context: Any) -> ThreadMetadata:
        if thread_id not in self.threads:
            raise NotFoundError(thread_id)
        return self.threads[thread_id].model_copy()

    async def save_thread(self, thread: ThreadMetadata, context: Any) -> None:
        kept = thread.model_dump(exclude={"items"})
        self.threads[thread.id] = ThreadMetadata.model_validate(kept)
        self.items.setdefault(thread.id, [])

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Any
    ) -> Page[ThreadItem]:
        kept = list(self.items[thread_id])
        return _page(kept if order == "asc" else kept[::-1], after, limit)

    async def load_threads(
        self, limit: int, after: str | None, order: str, context: Any
    ) -> Page[ThreadMetadata]:
        kept = list(self.threads.values())
        return _page(kept if order == "asc" else kept[::-1], after, limit)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Any) -> None:
        self.items[thread_id].append(item)

    async def save_item(self, thread_id: str, item: ThreadItem, context: Any) -> None:
        kept = self.items[thread_id]
        kept[[one.id for one in kept].index(item.id)] = item

    async def load_item(self, thread_id: str, item_id: str, context: Any) -> ThreadItem:
        return next(one for one in self.items[thread_id] if one.id == item_id)

    async def delete_thread(self, thread_id: str, context: Any) -> None:
        del self.threads[thread_id], self.items[thread_id]

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Any) -> None:
        self.items[thread_id] = [one for one in self.items[thread_id] if one.id != item_id]

    async def save_attachment(self, attachment: Attachment, context: Any) -> None:
        raise NotImplementedError

    async def load_attachment(self, attachment_id: str, context: Any) -> Attachment:
        raise NotImplementedError

    async def delete_attachment(self, attachment_id: str, context: Any) -> None:
        raise NotImplementedError


def _page(kept: list[Any], after: str | None, limit: int) -> Page[Any]:
    ids = [one.id for one in kept]
    start = ids.index(after) + 1 if after is not None else 0
    rows = kept[start : start + limit]
    has_more = len(kept) > start + limit
    return Page(data=rows, has_more=has_more, after=rows[-1].id if has_more else None)


class Official(ChatKitServer[Any]):
    """The official server with an answer of the same text as ours."""

    def __init__(self) -> None:
        self.kept = OfficialStore()
        super().__init__(self.kept)

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: Any
    ) -> AsyncIterator[ThreadStreamEvent]:
        item_id = f"msg_{len(self.kept.items[thread.id])}"
        head: dict[str, Any] = {
            "id": item_id,
            "thread_id": thread.id,
            "created_at": datetime.now().astimezone(),
        }
        said = input_user_message.content[0].text if input_user_message else ""
        if said == "use the tool":
            yield ThreadItemDoneEvent(
                item=ClientToolCallItem(
                    **head,
                    name="get_current_page",
                    arguments={"include_selection": True},
                    call_id="call_1",
                )
            )
            return
        if said == "boom":
            raise RuntimeError("no answer")
        yield ProgressUpdateEvent(icon="search", text="Searching the book…")
        yield ThreadItemAddedEvent(item=AssistantMessageItem(**head, content=[]))
        whole = AssistantMessageContent(
            text="".join(chatkit_upstream.PIECES), annotations=list[Annotation]()
        )
        updates = [
            AssistantMessageContentPartAdded(
                content_index=0, content=AssistantMessageContent(text="", annotations=[])
            ),
            *(
                AssistantMessageContentPartTextDelta(content_index=0, delta=piece)
                for piece in chatkit_upstream.PIECES
            ),
            AssistantMessageContentPartDone(content_index=0, content=whole),
        ]
        for update in updates:
            yield ThreadItemUpdatedEvent(item_id=item_id, update=update)
        yield ThreadItemDoneEvent(item=AssistantMessageItem(**head, content=[whole]))

    async def ask(self, request: Json) -> Json | list[Json]:
        """Return the frames of a stream, or the object."""
        result = await self.process(json.dumps(request), None)
        if isinstance(result, StreamingResult):
            return frames("".join([piece.decode() async for piece in result]))
        return json.loads(result.json)
