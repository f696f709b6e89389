"""What cited passages have to say about one sentence: which of their lines are about the same.

A passage is read as lines and sets of words; only lines near to a sentence are taken apart.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from proxy.corpus import Chunk
from proxy.language.tongue import is_english, script_of
from proxy.language.words import FUNCTION_WORDS, pairs_of, stem
from proxy.rag.verification.facts import Facts, facts_of
from proxy.rag.verification.plain_text import Line, lines_of, plain

_NEAR = 0.6
"""A line is compared in detail when it shares this part of what the nearest line shares."""
_MOST_NEAR = 8
_REMEMBERED_PASSAGES = 1024
"""They take some ten kilobytes each, for the words in them are shared."""
_REMEMBERED_LINES = 8192
_REMEMBERED_WORDS = 50_000
_TELLING_CHARS = 2_000
_WORD = re.compile(r"[^\W_]+")
_CODE = re.compile(r"(?<!`)`++[^`]++`++")


@dataclass(frozen=True, eq=False)
class Evidence:
    """A passage made ready to be compared with; some of it when it first is asked for."""

    lines: tuple[Line, ...]
    stated: tuple[str, ...]
    """What each line states: a question nothing, what follows it answers it."""
    stems: tuple[frozenset[str], ...]
    """Of the content words of each line."""
    heading: str
    """The path of headings, plain."""
    text: str
    """All of it, headings included."""

    @cached_property
    def folded(self) -> str:
        """The text in lower case."""
        return self.text.casefold()

    @cached_property
    def known(self) -> frozenset[str]:
        """Stems of all its content words."""
        return _stems_in(self.heading).union(*self.stems)

    @cached_property
    def tongue(self) -> tuple[str, bool]:
        """Its script, and whether it is English."""
        return tongue_of(self.text)


def tongue_of(text: str) -> tuple[str, bool]:
    """Return the script of a text, and whether it is English; code tells neither."""
    prose = _CODE.sub(" ", text[:_TELLING_CHARS])
    return script_of(prose), is_english(prose)


@lru_cache(maxsize=_REMEMBERED_PASSAGES)
def evidence_of(chunk: Chunk) -> Evidence:
    """Return what a chunk says; many answers cite it."""
    lines = tuple(lines_of(chunk.text))
    heading = plain(" . ".join((*chunk.heading_path, chunk.title)))
    stated = _stated(lines)
    return Evidence(
        lines,
        stated,
        tuple(map(_stems_in, stated)),
        heading,
        "\n".join([heading, *(line.text for line in lines)]),
    )


def _stated(lines: Sequence[Line]) -> tuple[str, ...]:
    stated: list[str] = []
    asked = ""
    for line in lines:
        if line.is_prose and line.text.endswith("?"):
            asked = line.text
            stated.append("")
        else:
            stated.append(f"{asked} {line.text}" if asked else line.text)
            asked = ""
    return tuple(stated)


def _stems_in(text: str) -> frozenset[str]:
    return frozenset[str]().union(*map(_stems_of, _WORD.findall(text.casefold())))


@lru_cache(maxsize=_REMEMBERED_WORDS)
def _stems_of(word: str) -> frozenset[str]:
    return frozenset(stem(w) for w in pairs_of(word) if w not in FUNCTION_WORDS)


@lru_cache(maxsize=_REMEMBERED_LINES)
def _facts(text: str) -> Facts:
    return facts_of(text)


class Comparison:
    """One sentence beside the passages it cites."""

    def __init__(self, said: Facts, evidence: Sequence[Evidence]) -> None:
        self.said = said
        self.evidence = evidence
        self._stems = [stems for each in evidence for stems in each.stems]
        self._rarity = self._rarities()
        self._shares = [self.weight(said.stems & stems) for stems in self._stems]
        place = max(range(len(self._shares)), key=self._shares.__getitem__, default=None)
        self._best = place
        self.best_line = None if place is None else self._line(place)

    @cached_property
    def text(self) -> str:
        """All that the passages say."""
        return "\n".join(each.text for each in self.evidence)

    @cached_property
    def folded(self) -> str:
        """The same in lower case."""
        return "\n".join(each.folded for each in self.evidence)

    @cached_property
    def known(self) -> frozenset[str]:
        """Stems of all that the passages say."""
        return frozenset[str]().union(*(each.known for each in self.evidence))

    @cached_property
    def best(self) -> Facts:
        """The nearest line."""
        return self._taken_apart(self._best) if self._best is not None else facts_of("")

    @cached_property
    def near(self) -> list[Facts]:
        """The lines nearest to the sentence or to one of its clauses, the nearest first."""
        least = _NEAR * max(self._shares, default=0.0)
        order = sorted(range(len(self._shares)), key=self._shares.__getitem__, reverse=True)
        chosen = dict.fromkeys(i for i in order[:_MOST_NEAR] if self._shares[i] >= least > 0)
        for stems in self._clauses():
            shared = [self.weight(stems & line) for line in self._stems]
            most = max(shared, default=0.0)
            chosen |= dict.fromkeys([i for i, s in enumerate(shared) if s == most > 0][:2])
        return [self._taken_apart(i) for i in chosen]

    @cached_property
    def headings(self) -> list[Facts]:
        """What stands above the passages."""
        return [_facts(each.heading) for each in self.evidence]

    @property
    def lines(self) -> list[Facts]:
        """All lines, taken apart."""
        return [_facts(text) for each in self.evidence for text in each.stated]

    @cached_property
    def coverage(self) -> float:
        """Share of the sentence's content words that the passages hold, 0 … 1."""
        total = self.weight(self.said.stems)
        return self.weight(self.said.stems & self.known) / total if total else 1.0

    def weight(self, stems: frozenset[str]) -> float:
        """Return how much some of the sentence's words say; what many lines hold says little."""
        return sum(self._rarity[stem] for stem in stems)

    def rarity(self, stem: str) -> float:
        """Return the weight of one of its words."""
        return self._rarity.get(stem, 1.0)

    def _clauses(self) -> list[frozenset[str]]:
        found: dict[int, set[str]] = {}
        for word in self.said.words:
            if word.is_content:
                found.setdefault(word.clause, set()).add(word.stem)
        return [frozenset(stems) for stems in found.values()] if len(found) > 1 else []

    def _rarities(self) -> dict[str, float]:
        stems = self.said.stems
        frequency = Counter(stem for line in self._stems for stem in line & stems)
        lines = 1 + len(self._stems)
        return {stem: 1 + math.log(lines / (1 + max(1, frequency.get(stem, 0)))) for stem in stems}

    def _line(self, place: int) -> Line:
        return [line for each in self.evidence for line in each.lines][place]

    def _taken_apart(self, place: int) -> Facts:
        return _facts([text for each in self.evidence for text in each.stated][place])
