"""Questions that mean nearly the same, put together. Pure.

By the words that tell what is asked, stemmed: nothing is sent to anybody, and the same log gives
the same groups.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from proxy.lexical.languages import language_of
from proxy.lexical.questions import question_terms
from proxy.store import Interaction

_ALIKE = 0.5
"""Share of common terms, of all terms of the two, from which questions count as one."""
_MAX_WORDINGS = 5


@dataclass(slots=True)
class QuestionGroup:
    """Questions that were asked about one thing."""

    question: str
    """The newest wording."""
    last_asked: datetime
    count: int = 0
    wordings: list[str] = field(default_factory=list[str])
    """Some of the different wordings, the newest first."""
    nearby: Counter[tuple[str, str | None]] = field(default_factory=Counter[tuple[str, str | None]])
    """Title and URL of what the book has that comes closest, and how often it did."""


def grouped(interactions: Iterable[Interaction]) -> Sequence[QuestionGroup]:
    """Return groups of the questions, the most asked first; `interactions` are newest first."""
    asked = [one for one in interactions if one.question.strip()]
    language = language_of("\n".join(one.question for one in asked))
    groups: list[QuestionGroup] = []
    sizes: list[int] = []
    by_term: defaultdict[str, list[int]] = defaultdict(list)
    for one in asked:
        terms = frozenset(question_terms(one.question, language))
        shared = Counter(group for term in terms for group in by_term[term])
        place = _most_alike(shared, sizes, len(terms))
        if place is None:
            place = len(groups)
            groups.append(QuestionGroup(one.question, one.when))
            sizes.append(len(terms))
            for term in terms:
                by_term[term].append(place)
        _add(groups[place], one)
    return sorted(groups, key=lambda group: (-group.count, group.question))


def _most_alike(shared: Counter[int], sizes: Sequence[int], size: int) -> int | None:
    alike = {group: common / (sizes[group] + size - common) for group, common in shared.items()}
    best = max(alike, key=lambda group: (alike[group], -group), default=None)
    return best if best is not None and alike[best] >= _ALIKE else None


def _add(group: QuestionGroup, one: Interaction) -> None:
    group.count += 1
    if one.question not in group.wordings and len(group.wordings) < _MAX_WORDINGS:
        group.wordings.append(one.question)
    group.nearby.update((passage.title, passage.url) for passage in one.passages)
