"""An operation that has something answered, as a stream of ChatKit's events.

Every failure is an event: to a 5xx, or to a stream that breaks off, ChatKit.js sends its request
again, silently and several times.
"""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

from fastapi import Request
from starlette.types import Send

from proxy.api.answering import CACHE_HIT
from proxy.api.chatkit import events
from proxy.api.chatkit.answer_events import AnswerEvents
from proxy.api.chatkit.asking import Asking, Begun
from proxy.api.chatkit.asking_back import DECLARATION
from proxy.api.chatkit.composer import rag_of
from proxy.api.chatkit.items import Object
from proxy.api.chatkit.naming import Naming
from proxy.api.chatkit.requests import AnswerOperation
from proxy.api.deps import links_of, state_of
from proxy.api.entry import entry_for
from proxy.api.errors import as_proxy_error
from proxy.api.headers import headers_of
from proxy.api.passages import note_lookup
from proxy.api.policy import within_policy
from proxy.caller import Caller
from proxy.deadline import Deadline
from proxy.dialogue.turn import Asked, Turn
from proxy.limits.gate import Use
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.models import ResolvedModel
from proxy.protocol.rag_options import RAG_HEADERS, RagOptions, read_rag_options
from proxy.protocol.tools import FunctionDefinition, FunctionTool, Tool

Headers = list[tuple[bytes, bytes]]
FRAME = "chatkit-frame-instance-id"
"""The header that tells the frames of ChatKit.js apart."""
_HEADERS: Headers = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
]


class EventStream:
    """Writes events to a client; its headers go out with the first one."""

    def __init__(self, send: Send, headers: Headers) -> None:
        self.headers = headers
        self._send = send
        self._has_started = False

    async def write(self, told: Sequence[Object]) -> None:
        """Send events, if there are any."""
        if not self._has_started:
            self._has_started = True
            headers = [*_HEADERS, *self.headers]
            await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        if told:
            piece = events.frames(*told)
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
            # Lets a cancellation in, as `answering` does.
            await asyncio.sleep(0)

    async def end(self, told: Sequence[Object]) -> None:
        """Send the last events."""
        await self.write(told)
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})


class AnswerStream:
    """Answers one operation; `send` does all of it."""

    def __init__(
        self, request: Request, caller: Caller, headers: Headers, operation: AnswerOperation
    ) -> None:
        self._request = request
        self._state = state_of(request)
        self._caller = caller
        self._headers = headers
        self._operation = operation
        self._begun: Begun | None = None
        self._held: Sequence[Object] = ()
        """The opening while it is held back."""
        self._turn: Turn | None = None
        self._answer: AnswerEvents | None = None

    async def send(self, send: Send) -> None:
        """Send the stream, whatever comes of it."""
        stream = EventStream(send, self._headers)
        try:
            last = await self._answered(stream)
        except Exception as exc:  # noqa: BLE001 - the tail of a stream: a failure is an event
            last = [*self._held, *self._failed(exc)]
        await stream.end(last)

    def _failed(self, exc: Exception) -> list[Object]:
        failure = as_proxy_error(exc)
        has_question = self._begun is not None and (
            self._begun.is_kept or (self._turn is not None and self._turn.is_saved)
        )
        may_retry = has_question and events.may_work_later(failure)
        written = [] if self._answer is None else self._answer.break_off()
        return [*written, events.error(failure, may_retry=may_retry)]

    async def _answered(self, stream: EventStream) -> Sequence[Object]:
        """Answer, and return what is left to be told; the same submission twice in turn."""
        frame = headers_of(self._request.scope).get(FRAME)
        name = None if frame is None else f"{self._caller.caller_id} {frame} {self._operation}"
        async with self._state.dialogue.in_turn.of(name):
            return await self._answered_in_turn(stream, frame)

    async def _answered_in_turn(self, stream: EventStream, frame: str | None) -> Sequence[Object]:
        asking = Asking(self._caller, self._state.store, frame)
        self._begun = begun = await asking.begun(self._operation)
        if begun.asked is None:
            return begun.opening
        model, options = await self._chosen(begun)
        async with entry_for(self._request, model.upstream, lambda: begun.said.text) as use:
            stream.headers = [*stream.headers, *use.headers]
            self._held = begun.opening
            if not (begun.is_new and self._state.pipeline.remembers):
                await self._open(stream)
            return await self._turned(stream, begun, begun.asked, model, options, use)

    async def _open(self, stream: EventStream, *, is_recalled: bool = False) -> None:
        """Send the opening; its headers say of an answer that it was given before.

        Only what begins a thread can have been: its opening waits for the search, all others tell
        of the search while it is done.
        """
        if is_recalled:
            stream.headers = [*stream.headers, CACHE_HIT]
        opening, self._held = self._held, ()
        await stream.write(opening)

    async def _chosen(self, begun: Begun) -> tuple[ResolvedModel, RagOptions]:
        """Return the model and the options of the retrieval that the question asks for."""
        name = begun.said.inference_options.model or self._state.catalog.main
        model = self._state.catalog.resolve_chat(name)
        metadata = self._operation.metadata.items()
        options = read_rag_options(
            body=rag_of(begun.said),
            headers=headers_of(self._request.scope).starting_with(RAG_HEADERS),
            metadata={name: value for name, value in metadata if isinstance(value, str)},
            suffix=model.rag,
        )
        return model, await within_policy(self._request, options)

    async def _turned(
        self,
        stream: EventStream,
        begun: Begun,
        asked: Asked,
        model: ResolvedModel,
        options: RagOptions,
        use: Use,
    ) -> list[Object]:
        """Have the answer written, and return what is left to be told."""
        self._turn = turn = self._state.dialogue.turn(self._caller, asked)
        links = links_of(self._request)
        answer = await turn.answer(
            self._chat(begun, model),
            model,
            options,
            links=links,
            deadline=Deadline.after(self._state.settings.server.request_timeout_s),
        )
        note_lookup(use, answer, links)
        self._answer = written = AnswerEvents(turn)
        naming = Naming(self._state, self._caller, begun.thread, begun.said.text)
        try:
            async with aclosing(answer.events):
                if self._held:
                    await self._open(stream, is_recalled=answer.is_recalled)
                async for batch in answer.events:
                    use.feed(batch)
                    await stream.write(written.feed(batch))
                    if begun.is_new:
                        naming.begin(links)
            last = written.end()
            self._answer = None
            if not begun.is_new:
                return last
            await stream.write(last)
            return [await naming.end(use)]
        finally:
            naming.stop()

    def _chat(self, begun: Begun, model: ResolvedModel) -> ChatCompletionRequest:
        settings = self._state.settings.chatkit
        declared = [tool.model_dump() for tool in settings.client_tools]
        if settings.asks_back:
            declared.append(DECLARATION)
        tools: list[Tool] = [
            FunctionTool(type="function", function=FunctionDefinition.model_validate(one))
            for one in declared
        ]
        return ChatCompletionRequest(
            model=model.requested,
            messages=list(begun.chat),
            stream=True,
            tools=tools or None,
        )
