"""Turns a finished text into the events of a streamed answer, within the limits of the request.

Called by `reader.py`. Pure but for the counting of tokens it is given.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from proxy.protocol.chat_events import ChatEvent, FinishReason, TextDelta

WORDS_PER_DELTA = 3
DELTAS_PER_BATCH = 4
_WORD = re.compile(r"\s*\S+\s*?(?=\s|$)|\s+$")


def cut_at_stop(text: str, stops: Sequence[str]) -> str:
    """Return the text up to the first of the stop sequences, which is left out."""
    places = [place for place in (text.find(stop) for stop in stops) if place >= 0]
    return text[: min(places)] if places else text


def cut_to_length(
    text: str, limit: int | None, count_tokens: Callable[[str], int]
) -> tuple[str, FinishReason, int]:
    """Return the whole words within `limit` tokens, why it ended, and the tokens used."""
    kept: list[str] = []
    used = 0
    for word in words_of(text):
        tokens = count_tokens(word)
        if limit is not None and used + tokens > limit:
            return "".join(kept), "length", used
        used += tokens
        kept.append(word)
    return text, "stop", used


def batches(text: str, index: int) -> Iterator[list[ChatEvent]]:
    """Yield the text of choice `index` in deltas of a few words, some deltas at a time."""
    words = words_of(text)
    deltas = [
        TextDelta("".join(words[i : i + WORDS_PER_DELTA]), index)
        for i in range(0, len(words), WORDS_PER_DELTA)
    ]
    for i in range(0, len(deltas), DELTAS_PER_BATCH):
        yield list(deltas[i : i + DELTAS_PER_BATCH])


def words_of(text: str) -> list[str]:
    """Return the words with the white space before them; joined they are the text again."""
    return _WORD.findall(text)
