"""What a search did, stage by stage: for `rag.explain` and for whoever wonders why. Pure data."""

import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from proxy.queries import Hit
from proxy.rag.retrieval.fusion import Candidate
from proxy.telemetry.stages import stage_ended

_SHOWN = 20
"""Candidates shown of each stage."""


@dataclass(slots=True)
class Trace:
    """Filled by the stages as they go; costs next to nothing where nobody asks for it."""

    is_kept: bool
    """Whether anybody wants more than the timings."""
    timings_ms: dict[str, float] = field(default_factory=dict[str, float])
    stages: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    dropped: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    facts: dict[str, Any] = field(default_factory=dict[str, Any])

    @contextmanager
    def timed(self, stage: str) -> Generator[None]:
        """Add the time that the block takes to a stage's."""
        began_s = time.perf_counter()
        try:
            yield
        finally:
            took_s = time.perf_counter() - began_s
            stage_ended(stage, took_s)
            took_ms = took_s * 1e3
            self.timings_ms[stage] = round(self.timings_ms.get(stage, 0.0) + took_ms, 3)

    def found(self, stage: str, scope: str, hits: Sequence[Hit]) -> None:
        """Note what a search found, best first."""
        if self.is_kept:
            shown = [{"chunk_id": h.chunk_id, "score": round(h.score, 4)} for h in hits[:_SHOWN]]
            self._add(stage, scope, len(hits), shown)

    def ranked(self, stage: str, scope: str, candidates: Sequence[Candidate]) -> None:
        """Note an order of candidates, best first."""
        if self.is_kept:
            shown = [
                {
                    "chunk_id": candidate.chunk_id,
                    "score": round(candidate.score, 4),
                    "by_meaning": _rounded(candidate.by_meaning),
                    "by_terms": _rounded(candidate.by_terms),
                }
                for candidate in candidates[:_SHOWN]
            ]
            self._add(stage, scope, len(candidates), shown)

    def drop(self, chunk_id: str, reason: str) -> None:
        """Note why a candidate goes no further."""
        if self.is_kept:
            self.dropped.append({"chunk_id": chunk_id, "reason": reason})

    def note(self, **facts: Any) -> None:
        """Note what decided."""
        self.facts.update(facts)

    def as_json(self) -> dict[str, Any]:
        """Return it as `context.explain` shows it."""
        return {
            **self.facts,
            "stages": self.stages,
            "dropped": self.dropped,
            "timings_ms": self.timings_ms,
        }

    def _add(self, stage: str, scope: str, count: int, shown: list[dict[str, Any]]) -> None:
        self.stages.append({"stage": stage, "scope": scope, "candidates": count, "best": shown})


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 4)
