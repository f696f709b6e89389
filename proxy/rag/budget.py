"""How many passages fit in one prompt. Pure."""

from collections.abc import Sequence

from proxy.corpus import Passage

_CHARS_PER_TOKEN = 3
"""An estimate on the safe side: exact counting holds the event loop for milliseconds."""


def tokens_in(text: str) -> int:
    """Return about how many tokens a text has, rather more than fewer."""
    return len(text) // _CHARS_PER_TOKEN + 1


def fitting(passages: Sequence[Passage], max_context_tokens: int) -> list[Passage]:
    """Return the passages from the first on that fit together; the first always does."""
    budget = max_context_tokens
    kept: list[Passage] = []
    for passage in passages:
        budget -= tokens_in(passage.chunk.text)
        if kept and budget < 0:
            break
        kept.append(passage)
    return kept
