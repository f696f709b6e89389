"""`ports.ChatGenerator` on any OpenAI-compatible upstream, through the `openai` package.

Chunks are read as plain JSON: the package's own models cost more than all the rest of a chunk's way
and stumble over what other servers leave out. Each is a batch: the package hands them out singly.
"""

import asyncio
from collections.abc import AsyncGenerator

from openai import AsyncOpenAI, AsyncStream

from proxy.adapters.openai_compat.arrivals import Arrivals
from proxy.adapters.openai_compat.client import request_options
from proxy.adapters.openai_compat.errors import FAILURES, to_proxy_error
from proxy.adapters.openai_compat.request import chat_to_openai, thinking_in
from proxy.adapters.openai_compat.stream import AnswerReader
from proxy.deadline import CHECK_TIMEOUT_S, Deadline
from proxy.errors import ModelNotFound, ProxyError, UpstreamInvalidResponse
from proxy.ports import Grounding
from proxy.protocol.as_json import as_json
from proxy.protocol.chat_events import ChatEvent, ToolCallDelta
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.retry import time_for_call
from proxy.settings import OpenAISettings
from proxy.upstream import Upstream

_GOOGLE = ".googleapis.com"
"""Gemini's own compatibility layer: a restart shall not cost a conversation its signatures."""
_Chunks = AsyncStream[object]


class OpenAIGenerator:
    """Answers a chat with a model of another upstream.

    Args:
        client: of `open_client`, closed by whoever opened it.
        settings: the same that the client was opened with.
    """

    def __init__(self, client: AsyncOpenAI, settings: OpenAISettings) -> None:
        self._client = client
        self.upstream = Upstream(settings.host, least_calls=settings.circuit_least_calls)
        self._settings = settings
        self._options = request_options(settings)
        self._wants_signatures = settings.host.endswith(_GOOGLE)
        """Whether calls go back with their thought signatures: the upstream gave some before."""

    async def stream(
        self,
        request: ChatCompletionRequest,
        *,
        model: str,
        grounding: Grounding | None,  # noqa: ARG002 - the messages hold it already
        deadline: Deadline,
    ) -> AsyncGenerator[list[ChatEvent]]:
        """Yield the answer's events; see `ports.ChatGenerator.stream`."""
        is_openai = self._settings.is_openai_itself
        body = as_json(
            chat_to_openai(
                request,
                model,
                is_openai_itself=is_openai,
                with_signatures=self._wants_signatures,
            )
        )
        if not request.stream:
            whole = await self.upstream.ask(
                model, "chat", deadline, self._whole, request, body, deadline
            )
            self._note_signatures(whole)
            yield whole
            return
        chunks, reader, events = await self.upstream.ask(
            model, "chat-stream", deadline, self._open, request, body, deadline
        )
        arrivals = Arrivals(chunks)
        failure: ProxyError | None = None
        try:
            while events is not None:
                if events:
                    yield events
                if failure is not None:
                    raise failure
                events, failure = await self._next(arrivals, reader, deadline)
        finally:
            await arrivals.close()
            await chunks.close()
        last = reader.finish()
        self._note_signatures(last)
        yield last

    async def check(self) -> None:
        """See `ports.ChatGenerator.check`; lists the models, which costs nothing."""
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_S):
                await self._client.get("/models", cast_to=object, options=self._options)
        except FAILURES as exc:
            failure = to_proxy_error(exc)
            if isinstance(failure, ModelNotFound):
                raise UpstreamInvalidResponse(
                    "The upstream's base URL is not the root of an OpenAI-compatible API; "
                    "it often ends in /v1.",
                    code="upstream_wrong_url",
                ) from exc
            raise failure from exc

    def _note_signatures(self, events: list[ChatEvent]) -> None:
        if not self._wants_signatures:
            self._wants_signatures = any(
                isinstance(event, ToolCallDelta) and event.signature for event in events
            )

    async def _whole(
        self, request: ChatCompletionRequest, body: bytes, deadline: Deadline
    ) -> list[ChatEvent]:
        reader = _reader(request)
        try:
            async with asyncio.timeout(time_for_call(deadline)):
                completion = await self._client.post(
                    "/chat/completions",
                    cast_to=object,
                    content=body,
                    options=self._options,
                )
        except FAILURES as exc:
            raise to_proxy_error(exc) from exc
        return reader.feed(completion) + reader.finish()

    async def _open(
        self, request: ChatCompletionRequest, body: bytes, deadline: Deadline
    ) -> tuple[_Chunks, AnswerReader, list[ChatEvent] | None]:
        """Return an open stream with its first events; None where it ended before any.

        One limit for all of it, up to the first piece of the answer: its role alone says nothing.
        """
        reader = _reader(request)
        limit_s = self._settings.first_token_timeout_s
        try:
            async with asyncio.timeout(time_for_call(deadline, limit_s)):
                chunks = await self._client.post(
                    "/chat/completions",
                    cast_to=object,
                    content=body,
                    options=self._options,
                    stream=True,
                    stream_cls=_Chunks,
                )
                return chunks, reader, await _first(chunks, reader)
        except FAILURES as exc:
            raise to_proxy_error(exc) from exc

    async def _next(
        self, arrivals: Arrivals, reader: AnswerReader, deadline: Deadline
    ) -> tuple[list[ChatEvent] | None, ProxyError | None]:
        """Return the events of what came next, maybe none, and what broke behind them.

        At the end there are no events but None.
        """
        try:
            async with asyncio.timeout(deadline.within(self._settings.idle_timeout_s)):
                arrived = await arrivals.next()
        except FAILURES as exc:
            raise to_proxy_error(exc) from exc
        if arrived is None:
            return None, None
        events: list[ChatEvent] = []
        try:
            for chunk in arrived:
                events += reader.feed(chunk)
        except ProxyError as exc:
            return events, exc
        return events, None


def _reader(request: ChatCompletionRequest) -> AnswerReader:
    return AnswerReader(
        request.n or 1,
        shows_thoughts=thinking_in(request).is_shown,
        is_legacy=request.uses_legacy_functions,
    )


async def _first(chunks: _Chunks, reader: AnswerReader) -> list[ChatEvent] | None:
    try:
        events: list[ChatEvent] = []
        while not reader.has_begun:
            events += reader.feed(await anext(chunks))
    except StopAsyncIteration:
        return None
    except BaseException:
        await chunks.close()
        raise
    return events
