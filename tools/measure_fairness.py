"""Measures how one caller's greed shows to the others: `make fairness`.

A real server shares a quota of which ten readers use half. They ask alone, then beside one who asks
fifty times as often as each of them. Printed is the 95th percentile of their time to an answer, a
refusal being worse than any time, and the ratio of the two; exit code 1 above 1.5. The upstream is
a fake on this machine: the figures are the proxy's.
"""

import asyncio
import random
import sys
import time
from dataclasses import dataclass, field

import httpx

from tests.support.gemini_replies import Pause, Reply, Stream
from tests.support.gemini_requests import GENERATING_OPERATIONS, RecordedRequest
from tests.support.gemini_server import FakeGemini
from tests.support.serving import BookProxy
from tests.support.site import SIGNS_IN
from tests.support.tokens import shared_secret_token

READERS = 10
RATE_PER_S = 0.5
GREED = 50
QUOTA_PER_MINUTE = 600
TOKENS = 1_000
SECONDS = 25
ANSWER_S = 0.5
HIGHEST_RATIO = 1.5
_USAGE = {"promptTokenCount": TOKENS - 50, "candidatesTokenCount": 50, "totalTokenCount": TOKENS}


@dataclass
class Heard:
    """How long answers took; None: refused."""

    seconds: list[float | None] = field(default_factory=list[float | None])

    @property
    def p95_s(self) -> float:
        """The 95th percentile."""
        ordered = sorted(float("inf") if one is None else one for one in self.seconds)
        return ordered[int(len(ordered) * 0.95)]

    def __str__(self) -> str:
        """Say it in a line."""
        refused = self.seconds.count(None)
        return f"{len(self.seconds):5} asked {refused:5} refused   p95 {self.p95_s:6.3f} s"


def _slowly(request: RecordedRequest) -> Reply | None:
    if request.operation not in GENERATING_OPERATIONS:
        return None
    return Stream(["It does. ", Pause(ANSWER_S), {"usageMetadata": _USAGE}])


async def _reader(server: BookProxy, name: str, rate_per_s: float, seed: int, heard: Heard) -> None:
    """Ask at random times for a while."""
    clock = random.Random(seed)  # noqa: S311 - no secret
    headers = {"authorization": f"Bearer {shared_secret_token(sub=name)}"}
    until_s = time.monotonic() + SECONDS
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(
        base_url=server.url, headers=headers, timeout=30, limits=limits
    ) as http:

        async def ask() -> None:
            began_s = time.monotonic()
            chat = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Does it?"}]}
            reply = await http.post("/v1/chat/completions", json={**chat, "stream": True})
            is_refused = reply.status_code == 429
            if not is_refused:
                reply.raise_for_status()
            heard.seconds.append(None if is_refused else time.monotonic() - began_s)

        async with asyncio.TaskGroup() as asked:
            while time.monotonic() < until_s:
                await asyncio.sleep(clock.expovariate(rate_per_s))
                asked.create_task(ask())


async def _class(server: BookProxy, *, is_greedy_there: bool) -> tuple[Heard, Heard]:
    """Return how the readers fared, and how the greedy one."""
    readers, greedy = Heard(), Heard()
    async with asyncio.TaskGroup() as asking:
        for n in range(READERS):
            asking.create_task(_reader(server, f"reader-{n}", RATE_PER_S, n, readers))
        if is_greedy_there:
            asking.create_task(_reader(server, "greedy", RATE_PER_S * GREED, 99, greedy))
    return readers, greedy


async def _measure() -> float:
    async with FakeGemini() as gemini:
        gemini.reply_by(_slowly)
        env = {
            **SIGNS_IN,
            "GEMINI_API_KEY": "key",
            "GEMINI_BASE_URL": gemini.url,
            "RATE_LIMIT_RPM": "0",
            "RATE_LIMIT_TPM": "0",
            "PROXY_UPSTREAM_RPM": str(QUOTA_PER_MINUTE),
            "PROXY_UPSTREAM_TPM": str(QUOTA_PER_MINUTE * TOKENS),
        }
        async with BookProxy(env, limits={}) as server:
            alone, _ = await _class(server, is_greedy_there=False)
        async with BookProxy(env, limits={}) as server:
            beside, greedy = await _class(server, is_greedy_there=True)
    ratio = beside.p95_s / alone.p95_s
    print(f"{READERS} readers alone              {alone}")
    print(f"beside one who asks {GREED}x   {beside}")
    print(f"that one                      {greedy}")
    print(f"their p95 is {ratio:.2f} times that of theirs alone (at most {HIGHEST_RATIO})")
    return ratio


if __name__ == "__main__":
    sys.exit(asyncio.run(_measure()) > HIGHEST_RATIO)
