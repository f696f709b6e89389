"""`make leaving`: clients that go away, and a server that is told to.

A client that leaves, before the first token or after it, must end the call of the upstream within
100 ms. SIGTERM under load must break no stream; a second signal must end the server at once.
"""

import asyncio
import signal
import sys
import time

from reliability.load import Plan
from reliability.stage import Stage, Verdict, outcome_of, percentile, staged

_CLIENTS = 100
_CLOSED_MS = 100.0
_DRAINED = 50


async def _leave(stage: Stage, model: str, *, reads_first: bool, abrupt: bool) -> list[float]:
    """Let clients ask and leave, one by one; return when each left."""
    plan = Plan("127.0.0.1", stage.server.port, "chat", model, 100, 0, rag=False, first_number=0)
    left_s: list[float] = []
    for number in range(_CLIENTS):
        begun = stage.stats()["begun"]
        reader, writer = await asyncio.open_connection(plan.host, plan.port)
        writer.write(plan.request(number))
        if reads_first:
            await reader.readuntil(f"s{number}n0".encode())
        while stage.stats()["begun"] == begun:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.005)
        left_s.append(time.monotonic())
        if abrupt:
            writer.transport.abort()
        else:
            writer.close()
        await asyncio.sleep(0.01)
    return left_s


def _leaving(stage: Stage) -> list[Verdict]:
    verdicts: list[Verdict] = []
    cases = {
        "before the first token": ("gemini-paced-60000-10-100", False, False),
        "within a stream": ("gemini-paced-1-100-600", True, False),
        "within a stream, by a reset": ("gemini-paced-1-100-600", True, True),
    }
    for name, (model, reads_first, abrupt) in cases.items():
        before = len(stage.stats()["left_at_s"])
        left_s = asyncio.run(_leave(stage, model, reads_first=reads_first, abrupt=abrupt))
        deadline_s = time.monotonic() + 5
        while (seen := stage.stats()["left_at_s"][before:]) and len(seen) < _CLIENTS:
            if time.monotonic() > deadline_s:
                break
            time.sleep(0.1)
        took_ms = [(at - left) * 1e3 for left, at in zip(left_s, seen, strict=False)]
        p99 = percentile(took_ms, 0.99) if took_ms else float("inf")
        holds = len(seen) == _CLIENTS and p99 <= _CLOSED_MS
        verdicts.append(
            Verdict(f"client gone {name}: closed", f"{len(seen)}/{_CLIENTS}", "all", holds)
        )
        verdicts.append(
            Verdict(f"client gone {name}: p99", f"{p99:.1f} ms", "≤ 100 ms", p99 <= _CLOSED_MS)
        )
    return verdicts


def _draining() -> list[Verdict]:
    with staged({"LOG_LEVEL": "WARNING"}) as stage:
        readers = stage.read(
            "--model", "gemini-paced-300-100-100", "--tokens", 100, "--readers", _DRAINED,
            "--seconds", 0.9, "--ramp", 0.5,
        )  # fmt: skip
        while stage.stats()["open"] < _DRAINED:
            time.sleep(0.05)
        stage.server.send_signal(signal.SIGTERM)
        seen = outcome_of(readers)
        code = stage.server.wait(40)
    broken = sum(seen["problems"].values())
    whole = f"{seen['right']}/{_DRAINED}"
    return [
        Verdict("SIGTERM under load: streams finished", whole, "all", seen["right"] == _DRAINED),
        Verdict("SIGTERM under load: streams broken", str(broken), "0", broken == 0),
        Verdict("SIGTERM under load: exit code", str(code), "0", code == 0),
    ]


def _told_twice() -> list[Verdict]:
    with staged({"LOG_LEVEL": "WARNING"}) as stage:
        readers = stage.read(
            "--model", "gemini-paced-300-1000-100", "--tokens", 100, "--readers", _DRAINED,
            "--seconds", 0.9,
        )  # fmt: skip
        while stage.stats()["open"] < _DRAINED:
            time.sleep(0.05)
        stage.server.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        began_s = time.monotonic()
        stage.server.send_signal(signal.SIGTERM)
        code = stage.server.wait(40)
        took_s = time.monotonic() - began_s
        told = outcome_of(readers)["problems"].get("server_stopping", 0)
    return [
        Verdict(
            "a second signal: ended after", f"{took_s:.2f} s", "≤ 2 s", took_s <= 2 and code == 0
        ),
        Verdict("a second signal: streams that were told", str(told), "all", told == _DRAINED),
    ]


def main() -> int:
    """Print the figures; 1 when one is not as it must be."""
    with staged({"LOG_LEVEL": "WARNING"}) as stage:
        verdicts = _leaving(stage)
    verdicts += _draining() + _told_twice()
    print(*verdicts, sep="\n")
    return 0 if all(verdict.holds for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
