"""The name of a new thread, found while its first answer is written."""

import asyncio
from contextlib import suppress

from proxy.api.chatkit import events
from proxy.api.chatkit.items import Object, thread_object
from proxy.caller import Caller
from proxy.dialogue.titles import Named, name_for
from proxy.errors import StoreUnavailable
from proxy.limits.gate import Use
from proxy.rag.sources import SourceLinks
from proxy.state import AppState
from proxy.store import Conversation


class Naming:
    """Names one thread; its question is its name where no model gives it a better one."""

    def __init__(
        self, state: AppState, caller: Caller, thread: Conversation, question: str
    ) -> None:
        self._state = state
        self._caller = caller
        self._thread = thread
        self._question = question
        self._task: asyncio.Task[Named | None] | None = None

    def begin(self, links: SourceLinks) -> None:
        """Begin, unless that is done."""
        state = self._state
        by_model = state.settings.chatkit.titles == "model" and not state.catalog.answers_offline
        if by_model and self._task is None:
            self._task = asyncio.create_task(
                name_for(
                    self._question, pipeline=state.pipeline, model=state.catalog.fast, links=links
                )
            )

    async def end(self, use: Use) -> Object:
        """Return the event that tells the name."""
        thread = thread_object(self._thread)
        named = None if self._task is None else await self._task
        if named is not None:
            use.beside(named.usage)
            if named.title and await self._rename(named.title):
                thread["title"] = named.title
        return events.thread_updated(thread)

    def stop(self) -> None:
        """Leave it."""
        if self._task is not None:
            self._task.cancel()

    async def _rename(self, title: str) -> bool:
        with suppress(StoreUnavailable):  # then the question stays its name
            conversations = (await self._state.store()).conversations
            return await conversations.rename(
                self._caller, self._thread.conversation_id, title, was=self._thread.title
            )
        return False
