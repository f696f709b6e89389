"""Asks the offline reader 55 questions about a manual that it was not made with.

`python bench/offline_reader.py` downloads Debian's `debian-policy` with apt (or reads the pages
below `--html FOLDER`), cuts it into pieces of at most 220 tokens, finds the best eight for each
question of `offline_reader_questions.jsonl` by cosine alone, and lets the reader answer. A question
with `answers` is answered correctly when one of these fragments is quoted; one without has no
answer in the manual, and the reader should say so. Every quote is checked against its passage.
"""

import argparse
import asyncio
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))

from bench.html_sections import SectionReader  # noqa: E402 - needs the checkout on the path
from proxy.adapters.local.embedder import LocalEmbedder  # noqa: E402
from proxy.adapters.local.reader import OfflineReader  # noqa: E402
from proxy.adapters.local.wording import NOT_FOUND  # noqa: E402
from proxy.corpus import Chunk, Passage, chunk_id_for  # noqa: E402
from proxy.deadline import Deadline  # noqa: E402
from proxy.ports import FloatMatrix, Grounding  # noqa: E402
from proxy.protocol.chat_events import TextDelta  # noqa: E402
from proxy.protocol.chat_request import ChatCompletionRequest  # noqa: E402

QUESTIONS = Path(__file__).with_name("offline_reader_questions.jsonl")
PAGES = "usr/share/doc/debian-policy/policy.html"
CHUNK_TOKENS = 220
TOP_K = 8
_MARKER = re.compile(r"\s*\[(\d+)\]")


@dataclass(frozen=True)
class Outcome:
    """What became of one question."""

    question: str
    expected: list[str]
    answer: str
    best_cosine: float
    milliseconds: float
    misquoted: list[str]
    in_passages: bool
    """Whether retrieval had found an expected fragment at all."""

    @property
    def abstains(self) -> bool:
        """Whether it says that there is no answer, maybe with what comes closest."""
        return self.answer.startswith(NOT_FOUND)

    @property
    def is_right(self) -> bool:
        """Whether an expected fragment was quoted, or none was expected and none was given."""
        if not self.expected:
            return self.abstains
        return any(bare(fragment) in bare(self.answer) for fragment in self.expected)


def bare(text: str) -> str:
    """Return the words of a text: no markup, link targets, markers, case or punctuation."""
    text = re.sub(r"(?m)^```\w*$", "", _MARKER.sub("", text))
    text = re.sub(r"\]\([^)]*\)|\]\[[^\]]*\]|</?[a-zA-Z][^>]*>", "", text)
    return " ".join(re.findall(r"[^\W_]+", text)).lower()


def quotes(answer: str) -> Iterator[tuple[str, int]]:
    """Yield each quoted text with the number cited right behind it."""
    start = 0
    for marker in _MARKER.finditer(answer):
        yield answer[start : marker.start()], int(marker[1])
        start = marker.end()


def download(folder: Path) -> Path:
    """Return the folder of the manual's pages, fetched from Debian into `folder`."""
    subprocess.run(["apt-get", "update", "-qq"], check=True)
    subprocess.run(["apt-get", "download", "debian-policy"], check=True, cwd=folder)
    package = next(folder.glob("debian-policy_*.deb"))
    subprocess.run(["dpkg-deb", "-x", str(package), str(folder)], check=True)
    return folder / PAGES


def chunks_of(pages: Path, embedder: LocalEmbedder) -> list[Chunk]:
    """Return the manual in pieces, in the order of its files and headings."""
    chunks: list[Chunk] = []
    for page in sorted(pages.glob("*.html")):
        reader = SectionReader()
        reader.feed(page.read_text())
        for section in reader.sections:
            for text in packed(section.blocks, embedder):
                chunks.append(_chunk(page.name, tuple(section.headings), text, len(chunks)))
    return chunks


def packed(blocks: Sequence[str], embedder: LocalEmbedder) -> Iterator[str]:
    """Yield runs of whole blocks that stay within `CHUNK_TOKENS` where a block alone does."""
    run: list[str] = []
    size = 0
    for block in blocks:
        tokens = embedder.count_tokens(block)
        if run and size + tokens > CHUNK_TOKENS:
            yield "\n\n".join(run)
            run, size = [], 0
        run.append(block)
        size += tokens
    if run:
        yield "\n\n".join(run)


def _chunk(document: str, headings: tuple[str, ...], text: str, position: int) -> Chunk:
    return Chunk(
        chunk_id=chunk_id_for("manual", document, str(position), 0),
        book="manual",
        document_id=document,
        title=headings[0],
        heading_path=headings,
        anchor="",
        url=None,
        position=position,
        text=text,
    )


async def ask(
    entry: dict[str, Any], chunks: Sequence[Chunk], vectors: FloatMatrix, embedder: LocalEmbedder
) -> Outcome:
    """Retrieve, let the reader answer, and judge the answer."""
    question: str = entry["question"]
    deadline = Deadline.after(60)
    vector = (await embedder.embed([question], role="query", deadline=deadline)).vectors[0]
    scores = vectors @ vector
    best = np.argsort(-scores, kind="stable")[:TOP_K]
    passages = tuple(Passage(chunks[int(i)], float(scores[i])) for i in best)
    request = ChatCompletionRequest.model_validate(
        {"model": "offline", "messages": [{"role": "user", "content": question}]}
    )
    started_s = time.perf_counter()
    stream = OfflineReader(embedder).stream(
        request, model="offline", grounding=Grounding(question, passages), deadline=deadline
    )
    events = [event async for batch in stream for event in batch]
    elapsed_ms = (time.perf_counter() - started_s) * 1000
    answer = "".join(event.text for event in events if isinstance(event, TextDelta))
    return Outcome(
        question=question,
        expected=entry["answers"],
        answer=answer,
        best_cosine=float(scores[best[0]]),
        milliseconds=elapsed_ms,
        misquoted=[
            quoted
            for quoted, number in quotes(answer)
            if bare(quoted) not in bare(passages[number - 1].chunk.text)
        ],
        in_passages=any(
            bare(fragment) in bare(passage.chunk.text)
            for fragment in entry["answers"]
            for passage in passages
        ),
    )


async def evaluate(chunks: Sequence[Chunk], entries: Sequence[dict[str, Any]]) -> list[Outcome]:
    """Ask every question, one after the other."""
    embedder = LocalEmbedder()
    texts = [chunk.indexed_text for chunk in chunks]
    embedded = await embedder.embed(texts, role="document", deadline=Deadline.after(600))
    return [await ask(entry, chunks, embedded.vectors, embedder) for entry in entries]


def report(outcomes: Sequence[Outcome], *, verbose: bool) -> None:
    """Print what went wrong (or everything), then the figures."""
    for outcome in outcomes:
        if verbose or not outcome.is_right or outcome.misquoted:
            mark = "right" if outcome.is_right else "WRONG"
            where = "" if outcome.in_passages or not outcome.expected else " (not retrieved)"
            print(f"{mark}{where} {outcome.best_cosine:.2f} {outcome.question}")
            print(f"    {outcome.answer}\n".replace("\n", "\n    "))
    answerable = [o for o in outcomes if o.expected]
    others = [o for o in outcomes if not o.expected]
    quoted = sum(len(list(quotes(o.answer))) for o in outcomes)
    misquoted = sum(len(o.misquoted) for o in outcomes)
    times = [o.milliseconds for o in outcomes]
    print(
        f"answered correctly {sum(o.is_right for o in answerable)}/{len(answerable)}"
        f" (retrieved {sum(o.in_passages for o in answerable)}),"
        f" abstained wrongly {sum(o.abstains for o in answerable)},"
        f" abstained rightly {sum(o.is_right for o in others)}/{len(others)},"
        f" quotes true {quoted - misquoted}/{quoted},"
        f" {np.median(times):.0f} ms (worst {max(times):.0f}),"
        f" {np.mean([len(o.answer) for o in answerable]):.0f} characters"
    )


def main() -> None:
    """Read the arguments, ask, report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--html", type=Path, help="folder with the manual's pages")
    parser.add_argument("--verbose", action="store_true", help="print every answer")
    arguments = parser.parse_args()
    entries = [json.loads(line) for line in QUESTIONS.read_text().splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        pages = arguments.html or download(Path(folder))
        chunks = chunks_of(pages, LocalEmbedder())
    outcomes = asyncio.run(evaluate(chunks, entries))
    report(outcomes, verbose=arguments.verbose)


if __name__ == "__main__":
    main()
