"""One choice of an answer, over as many upstream calls as it takes.

More than one where Gemini breaks off with CONTINUATION, and where it refused what can be left out
or ended in a call it could not write: that is sent once more, before anything was used, and not
retried again.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

from proxy.adapters.gemini.repair import is_worth_repeating, repaired
from proxy.adapters.gemini.request import Translated
from proxy.adapters.gemini.response import usage_sum, usage_to_openai
from proxy.adapters.gemini.signatures import SignatureCache
from proxy.adapters.gemini.stream import AnswerReader
from proxy.adapters.gemini.transport import GeminiTransport
from proxy.deadline import Deadline
from proxy.errors import ProxyError
from proxy.protocol.as_json import as_json
from proxy.protocol.chat_events import ChatEvent, ToolCallDelta, Usage

_MAX_HOPS = 64
"""Of one long answer; its token limit and its deadline end it sooner."""


class Choice:
    """A choice that is being made; `usage` is complete once `events` has ended."""

    def __init__(
        self,
        transport: GeminiTransport,
        signatures: SignatureCache,
        model: str,
        deadline: Deadline,
        *,
        index: int,
        is_stream: bool,
    ) -> None:
        self._transport = transport
        self._signatures = signatures
        self._model = model
        self._deadline = deadline
        self._index = index
        self._is_stream = is_stream
        self._hops: list[Usage] = []

    @property
    def usage(self) -> Usage:
        """Return the tokens of all hops of the answer that was given."""
        return self._hops[0] if len(self._hops) == 1 else usage_sum(self._hops, shares_prompt=False)

    async def events(
        self, translated: Callable[[], Awaitable[Translated]], *, reports_usage: bool = False
    ) -> AsyncGenerator[list[ChatEvent]]:
        """Yield the events of the choice; the last batch holds its `Finish`.

        One generator for all of it: every further one would cost each token of each answer.

        Raises:
            ProxyError: see `ports.ChatGenerator.stream`.
        """
        asked = await translated()
        body: dict[str, Any] | None = asked.body
        for is_last_try in (False, True):
            reader = AnswerReader(asked, self._index)
            self._hops.clear()
            last: list[ChatEvent] = []
            has_begun = False
            hop: dict[str, Any] | None = body
            try:
                while hop is not None:
                    reader.begin_hop()
                    if self._is_stream:
                        async with aclosing(self._stream(hop, retries=not is_last_try)) as batches:
                            async for responses in batches:
                                if events := reader.feed(responses):
                                    has_begun = True
                                    yield events
                    else:
                        last += reader.feed([await self._call(hop, retries=not is_last_try)])
                    hop = self._following(hop, reader)
                last += reader.finish()
            except ProxyError as exc:
                body = None if has_begun or is_last_try else _second_body(asked.body, exc)
                if body is None:
                    raise
                continue
            self._remember(last)
            if reports_usage:
                last.append(self.usage)
            yield last
            return

    def _stream(
        self, body: dict[str, Any], *, retries: bool
    ) -> AsyncGenerator[list[dict[str, Any]]]:
        return self._transport.stream(self._model, as_json(body), self._deadline, retries=retries)

    def _call(self, body: dict[str, Any], *, retries: bool) -> Awaitable[dict[str, Any]]:
        return self._transport.call(
            self._model, "generateContent", as_json(body), self._deadline, retries=retries
        )

    def _following(self, body: dict[str, Any], reader: AnswerReader) -> dict[str, Any] | None:
        """Count a hop; return what goes on after it, within the request's own token limit."""
        self._hops.append(usage_to_openai(reader.usage))
        token = reader.continuation
        if token is None or token == body.get("continuationToken"):  # the same once more
            return None
        if self._deadline.remaining_s() <= 0 or len(self._hops) == _MAX_HOPS:
            return None
        config: dict[str, Any] = dict(body.get("generationConfig") or {})
        if (limit := config.get("maxOutputTokens")) is not None:
            left = limit - self._hops[-1].completion_tokens
            if left <= 0:
                return None
            config["maxOutputTokens"] = left
        return {
            **body,
            "continuationToken": token,
            **({"generationConfig": config} if config else {}),
        }

    def _remember(self, events: list[ChatEvent]) -> None:
        """Keep the signatures of calls, which come with the end."""
        for event in events:
            if isinstance(event, ToolCallDelta) and event.signature:
                self._signatures.remember(event.call_id, event.signature)


def _second_body(body: dict[str, Any], failure: ProxyError) -> dict[str, Any] | None:
    """Return what to send after `failure`, None where sending again would not help."""
    return body if is_worth_repeating(failure) else repaired(body, failure)
