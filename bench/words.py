"""The words of the bench's book and of the questions about it, as uneven as those of a language."""

import itertools
import random
from typing import Final

_FREQUENT: Final = (
    "the a of and to in when after every small wide valve shaft gear spring lever pressure "
    "temperature opens closes turns holds carries moves slowly quickly again before until part "
    "machine wheel belt frame plate oil water steam air load speed check set open close turn"
)
_SYLLABLES: Final = "ba ke li mo nu ra se ti vo du fe ga hi jo ku la"
_RARE: Final = ["".join(some) for some in itertools.product(_SYLLABLES.split(), repeat=3)]
"""4,096 words of six letters."""
_VOCABULARY: Final = [*_FREQUENT.split(), *_RARE]
_UP_TO_WORD: Final = list(itertools.accumulate(1 / rank for rank in range(1, len(_VOCABULARY) + 1)))
_WORDS_PER_TEXT: Final = range(80, 161)
_WORDS_PER_SENTENCE: Final = range(8, 23)


def text(dice: random.Random) -> str:
    """Return a text of 120 words on average, in sentences."""
    words = dice.choices(_VOCABULARY, cum_weights=_UP_TO_WORD, k=dice.choice(_WORDS_PER_TEXT))
    sentences: list[str] = []
    while words:
        end = dice.choice(_WORDS_PER_SENTENCE)
        sentences.append(" ".join(words[:end]).capitalize() + ".")
        words = words[end:]
    return " ".join(sentences)


def subject(number: int) -> str:
    """Return what the `number`-th question is about; all have the same length."""
    return f"{number:08d} of the {_RARE[number % len(_RARE)]}"
