"""The door that every answer goes through: limits before it, its use counted behind it."""

import asyncio
import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from proxy.caller import Allowance, Caller
from proxy.errors import QuotaExhausted, RateLimited
from proxy.limits.accounts import Accounts
from proxy.limits.fair_share import FairShare
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

    def __init__(
        self, gate: "Gate", demand: Demand, *, reserved_tokens: int, tokens_limit: int
    ) -> None:
        self.headers: Headers = []
        self.has_failed = False
        """Set where a failure was told within the answer."""
        self._gate = gate
        self._demand = demand
        self._reserved_tokens = reserved_tokens
        self._tokens_limit = tokens_limit
        self._usage: Usage | None = None
        self._beside_tokens = Usage()
        self._chars = 0
        self._text: list[str] | None = [] if gate.question_log != "off" else None

    def feed(self, batch: list[ChatEvent]) -> None:
        """Take a batch of the answer."""
        for event in batch:
            if type(event) is TextDelta:
                self._chars += len(event.text)
                if self._text is not None:
                    self._text.append(event.text)
            elif type(event) is Usage:
                self._usage = event

    def beside(self, usage: Usage) -> None:
        """Take what was spent beside the answer, for a title."""
        self._beside_tokens.prompt_tokens += usage.prompt_tokens
        self._beside_tokens.completion_tokens += usage.completion_tokens

    def end(self, status: str) -> None:
        """Count the answer; one that was broken off costs what was produced of it."""
        usage = self._usage or Usage(
            prompt_tokens=len(self._demand.question()) // CHARS_PER_TOKEN if self._chars else 0,
            completion_tokens=self._chars // CHARS_PER_TOKEN,
        )
        beside = self._beside_tokens
        count = UsageCount(
            1,
            usage.prompt_tokens + beside.prompt_tokens,
            usage.completion_tokens + beside.completion_tokens,
        )
        record = current_request()
        record.model = record.model or self._demand.model
        record.input_tokens, record.output_tokens = count.prompt_tokens, count.completion_tokens
        self._gate.count(self._demand, count)
        if self._text is not None:
            self._gate.log(self._demand, status, "".join(self._text), count)
        beyond = count.total_tokens - self._reserved_tokens
        if self._tokens_limit and beyond > 0:
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
        self.question_log: QuestionLog = question_log
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
        own = self.allowance(demand.caller)
        requests, tokens = own.requests_per_minute or 0, own.tokens_per_minute or 0
        subject = _subject(demand)
        estimate = len(demand.question()) // CHARS_PER_TOKEN if tokens else 0
        use = Use(self, demand, reserved_tokens=estimate, tokens_limit=tokens)
        if own.tokens_per_day:
            await self._check_budget(demand.caller.caller_id, own.tokens_per_day)
        if requests:
            _check(await self._windows.take_request(subject, requests), use.headers)
        if tokens:
            _check(await self._windows.take_tokens(subject, tokens, estimate), use.headers)
        if self._share is not None:
            await self._take_share(subject)
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

    def log(self, demand: Demand, status: str, answer: str, count: UsageCount) -> None:
        """Note an interaction, as far as the privacy setting allows."""
        self._accounts.log(
            Interaction(
                when=datetime.now(UTC),
                caller_id=self._private(demand.caller.caller_id),
                request_id=demand.request_id,
                model=demand.model,
                status=status,
                question=self._private(demand.question()),
                answer=self._private(answer),
                count=count,
            )
        )

    def settle(self, demand: Demand, limit: int, tokens: int) -> None:
        """Count tokens that were not known before."""
        task = asyncio.create_task(self._windows.add_tokens(_subject(demand), limit, tokens))
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)

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

    async def _take_share(self, subject: str) -> None:
        if self._share is None:
            return
        try:
            await self._share.take(subject)
        except RateLimited:
            REQUESTS_LIMITED.labels("share").inc()
            raise

    def _private(self, text: str) -> str:
        if self.question_log == "full":
            return text
        return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _subject(demand: Demand) -> str:
    return f"address:{demand.address}" if demand.caller.is_anonymous else demand.caller.caller_id


def _first(own: int | None, default: int | None) -> int:
    return (own if own is not None else default) or 0


def _check(standing: Standing, headers: Headers) -> None:
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
