"""A second generator behind the first, for what another upstream could cure.

Only before the first event: after it a reader has seen half an answer, and two halves of two models
make none. What is wrong with the request itself would be wrong there too, and is not tried.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from proxy.deadline import Deadline
from proxy.errors import (
    PermissionDenied,
    ProxyError,
    RateLimited,
    UpstreamAuthError,
    UpstreamFailed,
    UpstreamInvalidResponse,
    UpstreamOverloaded,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from proxy.ports import ChatGenerator, Grounding
from proxy.protocol.chat_events import AnsweredBy, ChatEvent
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.telemetry.logs import log

CURABLE = (
    PermissionDenied,  # from an upstream it means that it does not serve this server's region
    RateLimited,
    UpstreamAuthError,
    UpstreamFailed,
    UpstreamInvalidResponse,
    UpstreamOverloaded,
    UpstreamTimeout,
    UpstreamUnreachable,
)
"""Failures of an upstream, not of a request."""

_SHARE_OF_FIRST = 0.5
"""Of a request's time: what the first may take before it has begun. A whole answer begins when it
is complete, and an upstream that hangs would else use up the time of the second."""


class FallbackGenerator:
    """Asks `first`, and where that fails before it has begun, `second` with `second_model`.

    The first has half of the time to begin; once it has, it has all of it. An answer of the second
    begins with `AnsweredBy`. When both fail, the failure of the first is raised: it is the one that
    was asked for.
    """

    def __init__(self, first: ChatGenerator, second: ChatGenerator, second_model: str) -> None:
        self._first = first
        self._second = second
        self._second_model = second_model

    async def stream(
        self,
        request: ChatCompletionRequest,
        *,
        model: str,
        grounding: Grounding | None,
        deadline: Deadline,
    ) -> AsyncGenerator[list[ChatEvent]]:
        """Yield the answer's events; see `ports.ChatGenerator.stream`."""
        first_deadline = Deadline.after(deadline.remaining_s() * _SHARE_OF_FIRST)
        answer = self._first.stream(
            request, model=model, grounding=grounding, deadline=first_deadline
        )
        failure: ProxyError | None = None
        async with aclosing(answer):
            try:
                batch = await anext(answer)
            except CURABLE as exc:
                failure = exc
            else:
                first_deadline.at_s = deadline.at_s
                yield batch
                async for batch in answer:
                    yield batch
        if failure is None:
            return
        log.warning("falling_back", reason=failure.code, model=self._second_model)
        answer = self._second.stream(
            request, model=self._second_model, grounding=grounding, deadline=deadline
        )
        async with aclosing(answer):
            try:
                batch = await anext(answer)
            except ProxyError as exc:
                log.warning("fallback_failed", reason=exc.code, model=self._second_model)
                raise failure from exc
            yield [AnsweredBy(self._second_model), *batch]
            async for batch in answer:
                yield batch

    async def check(self) -> None:
        """Return when either is usable: the proxy can answer then.

        Raises:
            ProxyError: neither is; why the first is not.
        """
        try:
            await self._first.check()
        except ProxyError as exc:
            failure = exc
        else:
            return
        try:
            await self._second.check()
        except ProxyError as exc:
            raise failure from exc
