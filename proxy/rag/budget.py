"""How many passages fit in one prompt. Pure."""

from collections.abc import Sequence

from proxy.corpus import Passage
from proxy.language.tokens import tokens_in


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
