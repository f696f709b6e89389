"""What is known of the request a task works for; counted and logged once, at its end.

Filled on the way by whoever knows something; nothing is counted per token.
"""

import time
from contextvars import ContextVar
from dataclasses import dataclass, field

from proxy.telemetry.instruments import OTHER
from proxy.telemetry.metrics import (
    ANSWERS,
    FIRST_TOKEN_SECONDS,
    REQUEST_SECONDS,
    REQUESTS,
    TOKENS,
)


@dataclass(slots=True)
class RequestRecord:
    """One request; times are those of `time.perf_counter`."""

    request_id: str = ""
    began_s: float = field(default_factory=time.perf_counter)
    model: str = ""
    """That answers or embeds, by its upstream name."""
    first_token_s: float = 0.0
    """When a streamed answer began; 0: it did not."""
    input_tokens: int = 0
    output_tokens: int = 0
    rag_status: str = ""
    rag_reason: str = ""
    failure: str = ""
    """The code of what broke a stream off."""

    def first_token(self) -> None:
        """Note that a streamed answer begins."""
        self.first_token_s = time.perf_counter()

    def count(self, route: str, method: str, status: int) -> float:
        """Count the request, which has ended; return the seconds it took."""
        took_s = time.perf_counter() - self.began_s
        if status == 405:  # whatever method somebody thought of
            method = OTHER
        REQUESTS.add(route, method, _STATUSES.get(status) or str(status))
        REQUEST_SECONDS.observe(took_s, route)
        if self.model:
            if self.first_token_s:
                FIRST_TOKEN_SECONDS.observe(self.first_token_s - self.began_s, self.model)
            TOKENS.add("input", self.model, amount=self.input_tokens)
            TOKENS.add("output", self.model, amount=self.output_tokens)
            if self.rag_status:
                ANSWERS.add(self.rag_status, self.rag_reason)
        return took_s

    def for_the_log(self) -> dict[str, object]:
        """Return what its line in the log says beyond what every request has."""
        if not self.model:
            return {}
        says: dict[str, object] = {
            "model": self.model,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
        }
        if self.first_token_s:
            says["first_token_ms"] = round((self.first_token_s - self.began_s) * 1_000, 1)
        for name in ("rag_status", "rag_reason", "failure"):
            if value := getattr(self, name):
                says[name] = value
        return says


_STATUSES = {status: str(status) for status in (200, 201, 202, 204, 400, 401, 404, 429, 500, 503)}
_record: ContextVar[RequestRecord | None] = ContextVar("request_record", default=None)


def begin_request(request_id: str) -> RequestRecord:
    """Return the record of a request that this task, and those it begins, work for."""
    record = RequestRecord(request_id)
    _record.set(record)
    return record


def current_request() -> RequestRecord:
    """Return the record of the request that this task works for; outside of one, a new one."""
    return _record.get() or RequestRecord()
