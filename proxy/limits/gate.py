"""The door that every answer goes through: limits before it, its use counted behind it."""

import asyncio
import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from proxy.caller import NOT_SAID, Allowance, Caller
from proxy.errors import QuotaExhausted, RateLimited
from proxy.limits.accounts import Accounts
from proxy.limits.fair_share import FairShare
from proxy.limits.noted import Noted
from proxy.limits.windows import RateWindows, Standing
from proxy.protocol.chat_events import ChatEvent, TextDelta, Usage
from proxy.store import Interaction, UsageCount
from proxy.telemetry.metrics import REQUESTS_LIMITED
from proxy.telemetry.requests import current_request

CHARS_PER_TOKEN = 4
"""An estimate for what is not known yet, or never will be."""
QuestionLog = Literal["off", "hashed", "full"]
Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Demand:
    """What somebody is about to ask of the upstream."""

    caller: Caller
    address: str
    """Where an anonymous caller's request comes from: who that is to the limits."""
    request_id: str
    model: str
    question: Callable[[], str]
    """The text that will be read, for estimates and the log."""


class Use:
    """One answer's use; feed it every batch, and end it, whatever happens."""

    has_failed = False
    """Set where a failure was told within the answer."""
    _reserved_tokens = 0
    _tokens_limit = 0
    _usage: Usage | None = None
    _prompt_tokens_beside = 0
    _completion_tokens_beside = 0
    _chars = 0
    taken_tokens: float | None = None
    """What was taken of the upstream's quota; None where that is not shared."""

    def __init__(self, gate: "Gate", demand: Demand) -> None:
        self.headers: Headers = []
        self._gate = gate
        self._demand = demand
        self.noted = Noted() if gate.logs_questions else None
        """What the log will keep; None where there is none."""

    def reserve(self, tokens: int, limit: int) -> None:
        """Note that `tokens` of a minute's `limit` were counted before the answer."""
        self._reserved_tokens, self._tokens_limit = tokens, limit

    def feed(self, batch: list[ChatEvent]) -> None:
        """Take a batch of the answer."""
        self._chars += sum([len(event.text) for event in batch if type(event) is TextDelta])
        if self.noted is not None:
            self.noted.feed(batch)
        if type(last := batch[-1]) is Usage:
            self._usage = last

    def beside(self, usage: Usage) -> None:
        """Take what was spent beside the answer, for a title."""
        self._prompt_tokens_beside += usage.prompt_tokens
        self._completion_tokens_beside += usage.completion_tokens

    def end(self, status: str) -> None:
        """Count the answer; one that was broken off costs what was produced of it."""
        usage = self._usage or Usage(
            prompt_tokens=len(self._demand.question()) // CHARS_PER_TOKEN if self._chars else 0,
            completion_tokens=self._chars // CHARS_PER_TOKEN,
        )
        count = UsageCount(
            1,
            usage.prompt_tokens + self._prompt_tokens_beside,
            usage.completion_tokens + self._completion_tokens_beside,
        )
        record = current_request()
        record.model = record.model or self._demand.model
        record.input_tokens, record.output_tokens = count.prompt_tokens, count.completion_tokens
        self._gate.count(self._demand, count)
        if self.taken_tokens is not None:
            self._gate.settle_share(self._demand, self.taken_tokens, count.total_tokens)
        if self.noted is not None:
            self._gate.log(self._demand, status, self.noted, count)
        if self._tokens_limit and (beyond := count.total_tokens - self._reserved_tokens) > 0:
            self._gate.settle(self._demand, self._tokens_limit, beyond)


class Gate:
    """Decides who may ask now. `allowance` is that of callers who have none of their own."""

    def __init__(
        self,
        windows: RateWindows,
        accounts: Accounts,
        *,
        allowance: Allowance,
        share: FairShare | None,
        question_log: QuestionLog,
    ) -> None:
        self.logs_questions = question_log != "off"
        self._question_log = question_log
        # What is known from the start spares every request of a proxy without limits a look.
        self._limits_all = share is not None or bool(
            allowance.requests_per_minute or allowance.tokens_per_minute
        )
        self._windows = windows
        self._accounts = accounts
        self._allowance = allowance
        self._share = share
        self._settling: set[asyncio.Task[Any]] = set()

    async def enter(self, demand: Demand) -> Use:
        """Let a request in, maybe after a short wait.

        Raises:
            RateLimited: it has to wait longer; `headers` say how the caller stands.
            QuotaExhausted: the caller's budget for this day is used up.
        """
        use = Use(self, demand)
        if self._limits_all or demand.caller.allowance is not NOT_SAID:
            await self._check(demand, use)
        return use

    def allowance(self, caller: Caller) -> Allowance:
        """Return what a caller may use; 0 and None: without limit."""
        own, default = caller.allowance, self._allowance
        return Allowance(
            _first(own.requests_per_minute, default.requests_per_minute),
            _first(own.tokens_per_minute, default.tokens_per_minute),
            own.tokens_per_day,
        )

    def count(self, demand: Demand, count: UsageCount) -> None:
        """Put an amount on the caller's account."""
        self._accounts.add(demand.caller.caller_id, demand.model, count)

    def log(self, demand: Demand, status: str, noted: Noted, count: UsageCount) -> None:
        """Note an interaction, as far as the privacy setting allows."""
        self._accounts.log(
            Interaction(
                when=datetime.now(UTC),
                caller_id=self._private(demand.caller.caller_id),
                request_id=demand.request_id,
                model=demand.model,
                status=status,
                question=self._private(noted.question or demand.question()),
                answer=self._private(noted.text),
                count=count,
                rag_status=noted.rag_status,
                passages=noted.passages,
            )
        )

    def settle(self, demand: Demand, limit: int, tokens: int) -> None:
        """Count tokens that were not known before."""
        task = asyncio.create_task(self._windows.add_tokens(_subject(demand), limit, tokens))
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)

    def settle_share(self, demand: Demand, taken: float, tokens: int) -> None:
        """Count against the shared quota what was not known before."""
        if self._share is not None:
            self._share.settle(_subject(demand), taken, tokens)

    async def _check(self, demand: Demand, use: Use) -> None:
        own = self.allowance(demand.caller)
        subject = _subject(demand)
        if own.tokens_per_day:
            await self._check_budget(demand.caller.caller_id, own.tokens_per_day)
        if requests := own.requests_per_minute:
            _note(await self._windows.take_request(subject, requests), use.headers)
        tokens = own.tokens_per_minute
        has_tokens = tokens or self._share is not None
        estimate = len(demand.question()) // CHARS_PER_TOKEN if has_tokens else 0
        if tokens:
            use.reserve(estimate, tokens)
            _note(await self._windows.take_tokens(subject, tokens, estimate), use.headers)
        if self._share is not None:
            use.taken_tokens = await self._take_share(self._share, subject, estimate, use.headers)

    async def _check_budget(self, caller_id: str, limit: int) -> None:
        if await self._accounts.tokens_today(caller_id) >= limit:
            REQUESTS_LIMITED.labels("budget").inc()
            now = datetime.now(UTC)
            midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
            raise QuotaExhausted(
                "The token budget of this key for today (UTC) is used up.",
                code="daily_budget_exhausted",
                retry_after_s=(midnight - now).total_seconds(),
            )

    async def _take_share(
        self, share: FairShare, subject: str, tokens: int, headers: Headers
    ) -> float:
        try:
            return await share.take(subject, tokens)
        except RateLimited as exc:
            REQUESTS_LIMITED.labels("share").inc()
            told = dict(exc.headers)
            exc.headers = [*((n, v) for n, v in headers if n not in told), *exc.headers]
            raise

    def _private(self, text: str) -> str:
        if self._question_log == "full":
            return text
        return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _subject(demand: Demand) -> str:
    return f"address:{demand.address}" if demand.caller.is_anonymous else demand.caller.caller_id


def _first(own: int | None, default: int | None) -> int:
    return (own if own is not None else default) or 0


def _note(standing: Standing, headers: Headers) -> None:
    """Note how the caller stands.

    Raises:
        RateLimited: badly.
    """
    reset = math.ceil(standing.reset_s)
    counted = standing.counted.encode()
    headers += [
        (b"x-ratelimit-limit-" + counted, str(standing.limit).encode()),
        (b"x-ratelimit-remaining-" + counted, str(standing.remaining).encode()),
        (b"x-ratelimit-reset-" + counted, f"{reset}s".encode()),
    ]
    if standing.is_local and (b"x-ratelimit-policy", b"local") not in headers:
        headers.append((b"x-ratelimit-policy", b"local"))
    if not standing.is_within:
        REQUESTS_LIMITED.labels(standing.counted).inc()
        refusal = RateLimited(
            f"The limit of {standing.limit} {standing.counted} per minute is reached.",
            retry_after_s=max(1.0, standing.reset_s),
        )
        refusal.headers = headers
        raise refusal
