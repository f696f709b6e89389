"""The way in for what costs the upstream something: a place in this process, then the limits."""

from collections.abc import Callable
from types import TracebackType

from fastapi import Request

from proxy.api.admission import Admitted
from proxy.api.client_address import client_address
from proxy.api.deps import state_of
from proxy.api.guard import caller_of
from proxy.limits.gate import Demand, Gate, Use
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.content import text_of
from proxy.state import Admission
from proxy.telemetry.requests import current_request


class Entry:
    """Lets one request in: an asynchronous context manager around its work, once."""

    def __init__(self, admission: Admission, gate: Gate, demand: Demand) -> None:
        self._place = Admitted(admission)
        self._gate = gate
        self._demand = demand
        self._use: Use | None = None

    async def __aenter__(self) -> Use:
        """Take a place and pass the limits.

        Raises:
            UpstreamOverloaded: there is no place.
            RateLimited: the caller has to wait.
        """
        self._place.__enter__()
        try:
            self._use = await self._gate.enter(self._demand)
        except BaseException as exc:
            self._place.__exit__(type(exc), exc, None)
            raise
        return self._use

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the place back and count what was used."""
        self._place.__exit__(kind, error, trace)
        if self._use is not None:
            has_gone = kind is not None and not issubclass(kind, Exception)
            has_failed = self._use.has_failed or (kind is not None and not has_gone)
            self._use.end("interrupted" if has_gone else "error" if has_failed else "complete")


def entry_for(request: Request, model: str, question: Callable[[], str]) -> Entry:
    """Return the way in for a request that reads `question()` with `model`."""
    state = state_of(request)
    caller = caller_of(request)
    address = ""
    if caller.is_anonymous:
        address = client_address(request.scope, state.settings.limits.trusted_proxies)
    demand = Demand(
        caller,
        address,
        current_request().request_id,
        model,
        question,
    )
    return Entry(state.admission, state.gate, demand)


def text_read(chat: ChatCompletionRequest) -> str:
    """Return the text of a chat."""
    return "\n".join(text_of(message.content) for message in chat.messages)
