"""What the stations hand to each other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from proxy.corpus import Passage

RagStatus = Literal["grounded", "no-match", "off", "degraded"]


@dataclass(slots=True)
class Retrieved:
    """What the book says to a question."""

    status: RagStatus
    query: str
    passages: tuple[Passage, ...] = ()
    """Best first; empty unless `grounded`."""
    reason: str | None = None
    """Why there are none, in a word for the `x-rag-reason` header."""
    nearby: tuple[Passage, ...] = ()
    """Where nothing matches: what comes closest, best first, for its titles only."""
    explain: Mapping[str, Any] | None = None
    """What the search did, where the request asks for it."""
    is_by_words_alone: bool = False
    """Whether the question could not be embedded: meaning had no part in what was found."""
    is_selection: bool = False
    """The one passage is what the reader selected, and nothing else may be in the prompt."""
