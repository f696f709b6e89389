"""What a cited passage has to say about one sentence: its lines, the nearest first in question."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from proxy.corpus import Chunk
from proxy.language.numbers import Number
from proxy.rag.verification.facts import Facts, facts_of
from proxy.rag.verification.plain_text import Line, lines_of, plain

NEAR = 0.6
"""A line is compared in detail when it shares this part of what the nearest line shares."""
_REMEMBERED_PASSAGES = 1024
"""They take some ten kilobytes each, for the words in them are shared."""
CLOSEST = 0.75
"""A denial is looked for in lines that share this part."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage made ready to be compared with."""

    lines: tuple[Line, ...]
    facts: tuple[Facts, ...]
    """Of each line."""
    heading: Facts
    """The path of headings."""
    question: Facts
    """The last heading, which may ask what the first sentence answers."""
    text: str
    """All of it, headings included."""


@lru_cache(maxsize=_REMEMBERED_PASSAGES)
def evidence_of(chunk: Chunk) -> Evidence:
    """Return what a chunk says; many answers cite it."""
    lines = tuple(lines_of(chunk.text))
    heading = plain(" . ".join((*chunk.heading_path, chunk.title)))
    return Evidence(
        lines,
        tuple(_stated(lines)),
        facts_of(heading),
        facts_of(plain(chunk.heading_path[-1] if chunk.heading_path else "")),
        "\n".join([heading, *(line.text for line in lines)]),
    )


def _stated(lines: Sequence[Line]) -> Iterator[Facts]:
    """Yield what each line states; a question states nothing, what follows it answers it."""
    asked = ""
    for line in lines:
        if line.is_prose and line.text.endswith("?"):
            asked = line.text
            yield _NOTHING
        else:
            yield facts_of(f"{asked} {line.text}" if asked else line.text)
            asked = ""


class Comparison:
    """One sentence beside the passages it cites."""

    def __init__(self, said: Facts, evidence: Sequence[Evidence]) -> None:
        self.said = said
        self.evidence = evidence
        self.text = "\n".join(each.text for each in evidence)
        self._facts = [facts for each in evidence for facts in each.facts]
        self._lines = [line for each in evidence for line in each.lines]
        self._weights = self._rarities()
        self._shares = [self._share(line) for line in self._facts]
        place = max(range(len(self._facts)), key=self._shares.__getitem__, default=None)
        self.best = _NOTHING if place is None else self._facts[place]
        self.best_line = None if place is None else self._lines[place]
        self.known = frozenset[str]().union(
            *(facts.stems for facts in self._facts), *(each.heading.stems for each in evidence)
        )
        """Stems of all that the passages say."""
        self.names = frozenset[str]().union(
            *(facts.names for facts in self._facts), *(each.heading.names for each in evidence)
        )
        """All that the passages name."""
        self.compounds = frozenset[str]().union(*(facts.compounds for facts in self._facts))

    @property
    def numbers(self) -> list[Number]:
        """All numbers of the passages."""
        return [n for facts in self._facts for n in facts.numbers]

    @property
    def coverage(self) -> float:
        """Share of the sentence's content words that the passages hold, 0 … 1."""
        total = self._weight(self.said.stems)
        return self._weight(self.said.stems & self.known) / total if total else 1.0

    @property
    def lines(self) -> list[Facts]:
        """All lines of the passages, in reading order."""
        return self._facts

    def lines_within(self, part: float) -> list[Facts]:
        """Return the lines that share at least this part of what the nearest one shares."""
        least = part * max(self._shares, default=0.0)
        return [f for f, s in zip(self._facts, self._shares, strict=True) if s >= least > 0]

    def around_clauses(self) -> list[Facts]:
        """Return the lines nearest to each clause of the sentence, and the prose beside them."""
        places: set[int] = set()
        nearest: set[int] = set()
        for clause in {word.clause for word in self.said.words}:
            stems = {w.stem for w in self.said.words if w.clause == clause and w.is_content}
            shared = [len(stems & facts.stems) for facts in self._facts]
            if most := max(shared, default=0):
                best = shared.index(most)
                nearest.update(i for i, count in enumerate(shared) if count == most)
                places.update(range(max(0, best - 1), min(len(shared), best + 2)))
        return [self._facts[i] for i in sorted(places) if self._lines[i].is_prose or i in nearest]

    def _rarities(self) -> dict[str, float]:
        """Return how much each word of the sentence says: what many lines hold says little."""
        stems = self.said.stems
        frequency = Counter(stem for line in self._facts for stem in line.stems & stems)
        lines = 1 + len(self._facts)
        return {stem: 1 + math.log(lines / (1 + max(1, frequency.get(stem, 0)))) for stem in stems}

    def _share(self, line: Facts) -> float:
        named = (self.said.names | {self.said.opening}) & line.names
        return self._weight(self.said.stems & line.stems) + len(named)

    def _weight(self, stems: frozenset[str]) -> float:
        return sum(self._weights[stem] for stem in stems)


_NOTHING = facts_of("")
