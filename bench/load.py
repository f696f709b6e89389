"""The load generator: C keep-alive connections, each asking again as soon as it was answered.

`python -m bench.load URL --mode unary|stream [--connections 16] [--seconds 5] [--warmup 1]
[--header 'name: value']… [--expect 'name: value'] [--no-done]` prints one JSON object: `rps`,
`p50_ms`, `p99_ms`, `requests`, `answered` (warm-up included), `errors`, `error_kinds`,
`first_error`, `cpu_s` and `wall_s` of the generator itself.

Every response is verified (`bench/verify.py`); a wrong one counts as an error and not as a request.
A request counts when it *ends* inside the measured seconds; errors count whenever they happen. Each
request asks another question, so that nothing can be answered from a cache. Latencies are those of
a closed loop: with C connections always busy, p50 is about C / rps.
"""

import argparse
import asyncio
import gc
import json
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, cast
from urllib.parse import urlsplit

import uvloop

from bench import verify, words
from bench.replies import MODEL

Mode = Literal["unary", "stream"]

_CONTENT_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_UNTIL_CHUNKS_END: Final = -1
_DRAIN_S: Final = 10.0
_CONNECT_S: Final = 10.0


@dataclass(slots=True)
class Meter:
    """What was measured, and whether to go on."""

    from_s: float
    until_s: float
    latencies_s: list[float] = field(default_factory=list[float])
    errors: Counter[str] = field(default_factory=Counter[str])
    first_error: str = ""
    answered: int = 0
    """Good responses at any time, warm-up included."""

    def succeeded(self, started_s: float, ended_s: float) -> None:
        """Note a good response."""
        self.answered += 1
        if self.from_s <= ended_s <= self.until_s:
            self.latencies_s.append(ended_s - started_s)

    def failed(self, kind: str, evidence: bytes = b"") -> None:
        """Note a bad one."""
        self.errors[kind] += 1
        self.first_error = self.first_error or f"{kind}: {evidence[:600].decode(errors='replace')}"


@dataclass(frozen=True, slots=True)
class Plan:
    """One kind of request and what its answer must be."""

    host: str
    port: int
    head: bytes
    body_start: bytes
    body_end: bytes
    check: verify.Check

    def request(self, number: int) -> bytes:
        """Return the request with its own question; all have the same length."""
        subject = words.subject(number).encode()
        return b"%b%b%b%b" % (self.head, self.body_start, subject, self.body_end)


def make_plan(url: str, mode: Mode, headers: Sequence[str], check: verify.Check) -> Plan:
    """Return the plan for a chat completions URL."""
    parts = urlsplit(url)
    host, port = parts.hostname or "127.0.0.1", parts.port or 80
    mark = "{subject}"
    body = json.dumps(
        {
            "model": MODEL,
            "messages": [
                {"role": "system", "content": "You are a careful assistant. Answer briefly."},
                {"role": "user", "content": f"How does part {mark} do its work?"},
            ],
            "temperature": 0.2,
            "stream": mode == "stream",
        }
    ).encode()
    body_start, body_end = body.split(mark.encode())
    lines = [
        f"POST {parts.path} HTTP/1.1",
        f"Host: {host}:{port}",
        "Content-Type: application/json",
        "Authorization: Bearer bench",
        *headers,
        f"Content-Length: {len(body_start) + len(words.subject(0)) + len(body_end)}",
    ]
    return Plan(
        host=host,
        port=port,
        head="\r\n".join((*lines, "", "")).encode(),
        body_start=body_start,
        body_end=body_end,
        check=check,
    )


class Client(asyncio.Protocol):
    """One connection: at every moment until the end, exactly one request is under way."""

    def __init__(self, plan: Plan, meter: Meter, numbers: "Numbers") -> None:
        self._plan = plan
        self._meter = meter
        self._numbers = numbers
        self._received = bytearray()
        self._body_start = 0
        self._end: int | None = None
        self._started_s = 0.0
        self._transport: asyncio.Transport | None = None
        self.closed = asyncio.get_running_loop().create_future()
        """Done when the connection is; True when that was not this client's wish."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count an answer that was cut short."""
        if self._started_s:
            self._meter.failed(f"connection lost ({exc!r})", bytes(self._received))
        if not self.closed.done():
            self.closed.set_result(time.perf_counter() < self._meter.until_s)

    def abort(self) -> None:
        """Give up on an answer that never came."""
        if self._started_s:
            self._meter.failed(f"no answer {_DRAIN_S:.0f} s after the end", bytes(self._received))
            self._started_s = 0.0
        if self._transport is not None:
            self._transport.abort()

    def _ask(self) -> None:
        if self._transport is None:
            return
        if time.perf_counter() >= self._meter.until_s:
            self._transport.close()
            return
        self._started_s = time.perf_counter()
        self._transport.write(self._plan.request(self._numbers.next()))

    def data_received(self, data: bytes) -> None:
        """Verify the response when it is complete, and ask again."""
        self._received += data
        if self._end is None and not self._read_head():
            return
        if self._end == _UNTIL_CHUNKS_END:
            if not self._received.endswith(b"0\r\n\r\n"):
                return
            body = verify.dechunked(self._received, self._body_start)
            if body is None:
                return
        elif len(self._received) < cast("int", self._end):
            return
        else:
            body = bytes(self._received[self._body_start :])
        self._finish(body)

    def _read_head(self) -> bool:
        head_end = self._received.find(b"\r\n\r\n")
        if head_end < 0:
            return False
        self._body_start = head_end + 4
        length = _CONTENT_LENGTH.search(self._received, 0, head_end + 2)
        self._end = self._body_start + int(length[1]) if length else _UNTIL_CHUNKS_END
        return True

    def _finish(self, body: bytes) -> None:
        ended_s = time.perf_counter()
        head = bytes(self._received[: self._body_start]).lower()
        problem = self._plan.check.problem(head, body)
        if problem is None:
            self._meter.succeeded(self._started_s, ended_s)
        else:
            self._meter.failed(problem, bytes(self._received))
        self._received = bytearray()
        self._end = None
        self._started_s = 0.0
        if b"\r\nconnection: close" in head and self._transport is not None:
            self._transport.close()
        else:
            self._ask()


class Numbers:
    """Question numbers, none twice in a run."""

    def __init__(self) -> None:
        # Different in every run of the generator, so that no two runs ask the same.
        self._number = int(time.time() * 1000) % 50_000_000

    def next(self) -> int:
        """Return the next number, eight digits at most."""
        self._number += 1
        return self._number


async def _keep_asking(plan: Plan, meter: Meter, numbers: Numbers) -> None:
    loop = asyncio.get_running_loop()
    again = True
    while again:
        try:
            async with asyncio.timeout(_CONNECT_S):
                _, client = await loop.create_connection(
                    lambda: Client(plan, meter, numbers), plan.host, plan.port
                )
        except OSError as exc:  # includes TimeoutError
            meter.failed(f"cannot connect ({exc!r})")
            await asyncio.sleep(0.1)
            again = time.perf_counter() < meter.until_s
            continue
        try:
            async with asyncio.timeout(meter.until_s - time.perf_counter() + _DRAIN_S):
                again = await client.closed
        except TimeoutError:
            client.abort()
            return


def _percentile_ms(ordered: Sequence[float], share: float) -> float | None:
    if not ordered:
        return None
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 3)


async def run(
    plan: Plan, *, connections: int, seconds: float, warmup_s: float
) -> dict[str, object]:
    """Return the measurements of one run."""
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    start_s = began_s + warmup_s
    meter = Meter(from_s=start_s, until_s=start_s + seconds)
    numbers = Numbers()
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(_keep_asking(plan, meter, numbers))
    ordered = sorted(meter.latencies_s)
    return {
        "rps": round(len(ordered) / seconds, 2),
        "p50_ms": _percentile_ms(ordered, 0.50),
        "p99_ms": _percentile_ms(ordered, 0.99),
        "requests": len(ordered),
        "answered": meter.answered,
        "errors": meter.errors.total(),
        "error_kinds": dict(meter.errors),
        "first_error": meter.first_error,
        "cpu_s": round(time.process_time() - began_cpu_s, 3),
        "wall_s": round(time.perf_counter() - began_s, 3),
    }


def main() -> None:
    """Measure one URL and print the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("url")
    parser.add_argument("--mode", choices=("unary", "stream"), required=True)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--warmup", type=float, default=1.0)
    parser.add_argument("--header", action="append", default=[], metavar="NAME: VALUE")
    parser.add_argument("--expect", metavar="NAME: VALUE", help="a header every answer must carry")
    parser.add_argument("--no-done", action="store_true", help="a stream need not end in [DONE]")
    options = parser.parse_args()
    check = verify.Check(
        is_stream=options.mode == "stream",
        header=(options.expect or "").lower().encode(),
        needs_done=not options.no_done,
    )
    plan = make_plan(options.url, options.mode, options.header, check)
    gc.disable()  # nothing here makes cycles, and a pause would be booked on the contender
    measured = uvloop.run(
        run(
            plan,
            connections=options.connections,
            seconds=options.seconds,
            warmup_s=options.warmup,
        )
    )
    print(json.dumps(measured))


if __name__ == "__main__":
    main()
