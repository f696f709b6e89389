"""Checks a whole answer: every cited sentence against its passages, once, when all of it is known.

Called by `rag/citations.py`, in a thread where it is long: a quarter of a millisecond a sentence,
half of one more where a passage is new.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from proxy.corpus import Passage
from proxy.rag.markers import Marker
from proxy.rag.verification.claims import Claim, claims_of
from proxy.rag.verification.evidence import evidence_of
from proxy.rag.verification.plain_text import Line
from proxy.rag.verification.support import Reason, judged

MAX_CLAIMS = 200
"""Sentences checked at most; an answer has a dozen."""


@dataclass(frozen=True, slots=True)
class CheckedClaim:
    """A cited sentence and what its passages say to it."""

    claim: Claim
    reasons: tuple[Reason, ...]
    """Why it is not supported; empty: nothing speaks against it."""


@dataclass(frozen=True, slots=True)
class CheckedAnswer:
    """The outcome of an answer."""

    claims: tuple[CheckedClaim, ...] = ()
    lines: tuple[Line | None, ...] = ()
    """For each marker the line of its passage that its sentence rests on; None: no such line."""

    @property
    def unsupported(self) -> list[CheckedClaim]:
        """Return the cited sentences that their passages do not support."""
        return [checked for checked in self.claims if checked.reasons]

    @property
    def doubts(self) -> dict[Marker, tuple[Reason, ...]]:
        """Return the markers of such sentences, each with why its own is not supported."""
        return {marker: c.reasons for c in self.unsupported for marker in c.claim.markers}


def check_answer(
    answer: str, markers: Sequence[Marker], passages: Sequence[Passage]
) -> CheckedAnswer:
    """Return what becomes of each cited sentence of an answer; `[n]` is `passages[n - 1]`."""
    checked: list[CheckedClaim] = []
    lines: dict[Marker, Line | None] = {}
    for claim in claims_of(answer, markers)[:MAX_CLAIMS]:
        evidence = {n: evidence_of(passages[n - 1].chunk) for n in claim.numbers}
        found = judged(claim.text, list(evidence.values()))
        checked.append(CheckedClaim(claim, found.reasons))
        if not found.reasons:
            nearest = dict(zip(evidence, found.lines, strict=True))
            lines.update((marker, nearest[marker.number]) for marker in claim.markers)
    return CheckedAnswer(tuple(checked), tuple(lines.get(marker) for marker in markers))
