"""Custom actions: what was clicked on the page comes back to the page as something to do.

The proxy has nothing of its own to do for one. It makes sure that the thread is the caller's, and
hands the action to the page's `onEffect`.
"""

from starlette.types import Send

from proxy.api.chatkit import events
from proxy.api.chatkit.asking import found
from proxy.api.chatkit.items import Object
from proxy.api.chatkit.requests import ThreadsCustomAction
from proxy.api.chatkit.streaming import EventStream, Headers
from proxy.api.errors import as_proxy_error
from proxy.caller import Caller
from proxy.errors import NotFound
from proxy.store import LazyStore

_EFFECTS = {"open_source": "open_page"}
"""Actions whose effect has another name."""


class ActionStream:
    """Answers one action."""

    def __init__(
        self, store: LazyStore, caller: Caller, headers: Headers, operation: ThreadsCustomAction
    ) -> None:
        self._store = store
        self._caller = caller
        self._headers = headers
        self._asked = operation.params

    async def send(self, send: Send) -> None:
        """Send the stream; a failure is an event."""
        stream = EventStream(send, self._headers)
        try:
            last = [events.MAY_CANCEL, await self._effect()]
        except Exception as exc:  # noqa: BLE001 - the tail of a stream: a failure is an event
            last = [events.error(as_proxy_error(exc), may_retry=False)]
        await stream.end(last)

    async def _effect(self) -> Object:
        asked = self._asked
        await found(self._store, self._caller, asked.thread_id)
        if asked.item_id is not None:
            conversations = (await self._store()).conversations
            if await conversations.message(self._caller, asked.thread_id, asked.item_id) is None:
                raise NotFound("There is no such item.", code="item_not_found")
        kind = asked.action.type
        return events.client_effect(_EFFECTS.get(kind, kind), asked.action.payload)
