"""Readers, in a process of their own: each asks, reads its answer to the letter, and asks again.

`python -m reliability.load URL --model M --tokens N --readers R --seconds S` prints one JSON
object. An answer counts as right when it is every token once, in order, of the stream that was
asked about, and ends as the protocol says.
"""

import argparse
import asyncio
import json
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import uvloop

from reliability.upstream import token

_ENDS: Final = {"chat": "data: [DONE]", "site": '"type":"done"'}


@dataclass(slots=True)
class Outcome:
    """What the readers saw."""

    right: int = 0
    tokens: int = 0
    problems: Counter[str] = field(default_factory=Counter[str])
    took_s: dict[int, float] = field(default_factory=dict[int, float])
    """By stream."""
    first_s: dict[int, float] = field(default_factory=dict[int, float])


@dataclass(frozen=True, slots=True)
class Plan:
    """What every reader does."""

    host: str
    port: int
    kind: str
    """`chat` (a streamed completion), `site` (a streamed turn) or `whole` (`/api/chat` as JSON)."""
    model: str
    tokens: int
    seconds: float
    rag: bool
    first_number: int

    def request(self, stream: int) -> bytes:
        """Return a request."""
        question = f"What does the manual say about stream-{stream} and the server's port?"
        body: dict[str, Any]
        if self.kind == "chat":
            body = {"messages": [{"role": "user", "content": question}], "stream": True}
            path = "/v1/chat/completions"
            body["rag"] = {"enabled": self.rag}
        else:
            body = {"message": question}
            path = "/api/chat" if self.kind == "whole" else "/api/chat/stream"
        data = json.dumps({"model": self.model, **body}).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{self.port}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(data)}\r\n\r\n"
        )
        return head.encode() + data


async def read(plan: Plan, numbers: "Numbers", until_s: float, outcome: Outcome) -> None:
    """Ask until the time is up, on one connection as long as it lasts."""
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None
    while time.monotonic() < until_s:
        stream = numbers.next()
        began_s = time.monotonic()
        try:
            if reader is None or writer is None:
                reader, writer = await asyncio.open_connection(plan.host, plan.port)
            writer.write(plan.request(stream))
            status, body, first_s = await _response(reader)
        except (OSError, EOFError) as exc:
            outcome.problems[type(exc).__name__] += 1
            reader = writer = None
            continue
        problem = problem_of(plan, stream, status, body)
        if problem is None:
            outcome.right += 1
            outcome.tokens += plan.tokens
            outcome.took_s[stream] = time.monotonic() - began_s
            outcome.first_s[stream] = first_s - began_s
        else:
            outcome.problems[problem] += 1
    if writer is not None:
        writer.close()


async def _response(reader: asyncio.StreamReader) -> tuple[int, str, float]:
    """Return status, body and when the first byte of that came."""
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    first_s = time.monotonic()
    if length := re.search(rb"content-length: *(\d+)", head, re.IGNORECASE):
        return status, (await reader.readexactly(int(length[1]))).decode(), first_s
    pieces: list[bytes] = []
    while size := int(await reader.readuntil(b"\r\n"), 16):
        pieces.append((await reader.readexactly(size + 2))[:-2])
    await reader.readexactly(2)
    return status, b"".join(pieces).decode(), first_s


def problem_of(plan: Plan, stream: int, status: int, body: str) -> str | None:
    """Return what is wrong with an answer, in a word; None: nothing."""
    if status != 200:
        return f"status {status}"
    if '"server_stopping"' in body:
        return "server_stopping"
    said = _said(plan.kind, body)
    expected = "".join(token(stream, number) for number in range(plan.tokens))
    if said.strip() != expected.strip():
        is_prefix = expected.strip().startswith(said.strip())
        return "truncated" if is_prefix else "garbled"
    if plan.kind != "whole" and _ENDS[plan.kind] not in body:
        return "no end"
    return None


def _said(kind: str, body: str) -> str:
    """Return the text of an answer."""
    if kind == "whole":
        return json.loads(body)["response"]
    events = [json.loads(one[6:]) for one in body.split("\n\n") if one.startswith("data: {")]
    if kind == "site":
        return "".join(event.get("text", "") for event in events)
    choices = [choice for event in events for choice in event.get("choices", ())]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


class Numbers:
    """Numbers of streams, none twice."""

    def __init__(self, first: int) -> None:
        self._last = first

    def next(self) -> int:
        """Return the next."""
        self._last += 1
        return self._last


async def run(plan: Plan, readers: int, ramp_s: float) -> Outcome:
    """Return what `readers` saw, the last of whom begins `ramp_s` after the first."""
    outcome, numbers = Outcome(), Numbers(plan.first_number)
    until_s = time.monotonic() + plan.seconds
    async with asyncio.TaskGroup() as group:
        for _ in range(readers):
            group.create_task(read(plan, numbers, until_s, outcome))
            if ramp_s:
                await asyncio.sleep(ramp_s / readers)
    return outcome


def main() -> None:
    """Read, and print what was seen."""
    parser = argparse.ArgumentParser(description="Readers that check every token.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--kind", choices=("chat", "site", "whole"), default="chat")
    parser.add_argument("--model", required=True)
    parser.add_argument("--tokens", type=int, required=True)
    parser.add_argument("--readers", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True, help="then no new question")
    parser.add_argument("--ramp", type=float, default=0.0, help="seconds until all have begun")
    parser.add_argument("--rag", action="store_true")
    parser.add_argument("--first-number", type=int, default=0)
    asked = parser.parse_args()
    plan = Plan(
        "127.0.0.1", asked.port, asked.kind, asked.model, asked.tokens, asked.seconds,
        asked.rag, asked.first_number,
    )  # fmt: skip
    outcome = uvloop.run(run(plan, asked.readers, asked.ramp))
    print(
        json.dumps(
            {
                "right": outcome.right,
                "tokens": outcome.tokens,
                "problems": outcome.problems,
                "took_s": outcome.took_s,
                "first_s": outcome.first_s,
            }
        )
    )


if __name__ == "__main__":
    main()
