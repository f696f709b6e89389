"""Measures answers: do they cite, are they supported, do they abstain? `make eval` runs it.

It serves the manual from a folder of its own, asks the questions of `evaluation/manual/
answers.jsonl` over HTTP and looks at what comes back. Nothing outside is needed: the bundled model
embeds and the offline reader answers. With `--as-configured` the environment decides, so that an
answer of Gemini can be measured in the same way.

A line of the file is `{"turns": [...], "page": ...}`: the questions of a conversation, the last of
which counts, and the file that answers it; null where the book has no answer.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from proxy.cli.local_server import LocalServer, local_server
from proxy.corpus import Chunk, Passage
from proxy.rag.markers import Marker
from proxy.rag.verification.answer import check_answer
from proxy.rag.verification.evidence import evidence_of
from proxy.settings import Settings, load_settings
from proxy.telemetry.logs import configure_logs

ROOT = Path(__file__).parents[1]
QUESTIONS = ROOT / "evaluation/manual/answers.jsonl"
_OFFLINE = {"EMBEDDER": "local", "GENERATOR": "offline"}
_RESAMPLES = 2_000
_SEED = 7


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question."""

    page: str | None
    """The file that answers it; None: the book does not."""
    is_cited: bool
    """Whether the answer has markers at all."""
    finds_page: bool
    """Whether the page is among the passages the model was given."""
    cites_page: bool
    claims: int
    """Cited sentences."""
    unsupported: int
    seconds: float
    checking_seconds: float
    """What checking its citations takes, nothing remembered from other answers."""


def outcome_of(page: str | None, message: dict[str, Any], seconds: float) -> Outcome:
    """Return the outcome of an answer, the `message` of a chat completion."""
    context: dict[str, Any] = message.get("context") or {}
    citations: list[dict[str, Any]] = context.get("citations", [])
    text, markers = message["content"] or "", _markers(message)
    evidence_of.cache_clear()
    begin = time.perf_counter()
    checked = check_answer(text, markers, [_passage(citation) for citation in citations])
    return Outcome(
        page,
        is_cited=bool(markers),
        finds_page=any(citation["filepath"] == page for citation in citations),
        cites_page=any(citations[m.number - 1]["filepath"] == page for m in markers),
        claims=len(checked.claims),
        unsupported=len(context.get("unsupported", [])),
        seconds=seconds,
        checking_seconds=time.perf_counter() - begin,
    )


def report(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the shares, each `[value, low, high]` with a 95 % bootstrap interval, and times."""
    answerable = [o for o in outcomes if o.page]
    claims = [i >= o.unsupported for o in answerable for i in range(o.claims)]
    return {
        "questions": len(outcomes),
        "finds_the_page": share([o.finds_page for o in answerable]),
        "cited": share([o.is_cited for o in answerable]),
        "cites_the_page": share([o.cites_page for o in answerable]),
        "supported": share(claims),
        "abstained": share([not o.is_cited for o in outcomes if not o.page]),
        "answer_ms": _times_ms([o.seconds for o in outcomes]),
        "checking_ms": _times_ms([o.checking_seconds for o in outcomes if o.is_cited]),
    }


def share(hits: Sequence[bool]) -> list[float]:
    """Return the share of hits and its 95 % interval; zeros where nothing was asked."""
    if not hits:
        return [0.0, 0.0, 0.0]
    values = np.asarray(hits, np.float64)
    draws = np.random.default_rng(_SEED).choice(values, (_RESAMPLES, len(values))).mean(axis=1)
    low, high = np.percentile(draws, [2.5, 97.5])
    return [round(float(value), 3) for value in (values.mean(), low, high)]


def _times_ms(seconds: Sequence[float]) -> dict[str, float]:
    if not seconds:
        return {}
    p50, p95 = np.percentile(np.asarray(seconds) * 1_000, [50, 95])
    return {"p50": round(float(p50), 2), "p95": round(float(p95), 2)}


def _markers(message: dict[str, Any]) -> list[Marker]:
    text: str = message["content"] or ""
    places = [a["url_citation"] for a in message.get("annotations") or ()]
    spans = [(place["start_index"], place["end_index"]) for place in places]
    return [Marker(int(text[start + 1 : end - 1]), start, end) for start, end in spans]


def _passage(citation: dict[str, Any]) -> Passage:
    chunk = Chunk(
        chunk_id=citation["chunk_id"],
        book="",
        document_id=citation["filepath"],
        title="",
        heading_path=tuple(citation["title"].split(" › ")),
        anchor="",
        url=citation["url"],
        position=0,
        text=citation["content"],
    )
    return Passage(chunk, citation["score"])


async def measured(server: LocalServer, questions: Sequence[dict[str, Any]]) -> list[Outcome]:
    """Ask every question of a server, each conversation turn by turn."""
    outcomes: list[Outcome] = []
    for question in questions:
        messages: list[dict[str, str]] = []
        message: dict[str, Any] = {"content": ""}
        seconds = 0.0
        for turn in question["turns"]:
            messages.append({"role": "user", "content": turn})
            begin = time.perf_counter()
            body = {"model": "gpt-4o", "messages": messages}
            completion = await server.post("/v1/chat/completions", body)
            seconds = time.perf_counter() - begin
            message = completion["choices"][0]["message"]
            messages.append({"role": "assistant", "content": message["content"] or "-"})
        outcomes.append(outcome_of(question["page"], message, seconds))
    return outcomes


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print the report as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--as-configured", action="store_true", help="answer as the environment says"
    )
    parser.add_argument("--questions", type=Path, default=QUESTIONS)
    parser.add_argument("--book", type=Path, default=ROOT / "docs", help="folder that is asked")
    given = parser.parse_args(arguments)
    lines = given.questions.read_text(encoding="utf-8").splitlines()
    with tempfile.TemporaryDirectory(prefix="book-proxy-") as folder:
        chosen = {} if given.as_configured else _OFFLINE
        env = {**os.environ, **chosen, "PROXY_DATA_DIR": folder}  # noqa: TID251 - for the command
        ingest = [sys.executable, "-m", "proxy", "ingest", str(given.book), "--book", "manual"]
        subprocess.run([*ingest, "--json"], check=True, env=env, stdout=subprocess.DEVNULL)
        settings = load_settings(env)
        configure_logs("ERROR", settings.server.log_format)
        outcomes = asyncio.run(_measured(settings, [json.loads(line) for line in lines]))
    print(json.dumps(report(outcomes), indent=2))


async def _measured(settings: Settings, questions: Sequence[dict[str, Any]]) -> list[Outcome]:
    async with local_server(settings) as server:
        return await measured(server, questions)


if __name__ == "__main__":
    main()
