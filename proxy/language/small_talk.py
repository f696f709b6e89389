"""Tells a greeting, thanks or a goodbye from a question, where a message is nothing else."""

import re
from typing import Literal

SmallTalk = Literal["greeting", "thanks", "farewell"]

_PATTERNS: dict[SmallTalk, str] = {
    "greeting": (
        r"(hi|hello|hey|hiya|salam|salaam|assalamu? ?alaikum|good (morning|afternoon|evening|day)|"
        r"greetings|howdy|hallo|hola|bonjour|سلام|السلام علیکم|你好)( there| everyone| again)?|"
        r"how are you( doing)?( today)?|how is it going"
    ),
    "thanks": (
        r"(ok(ay)?,? |great,? |cool,? )?(many )?(thanks?|thank you|thx|ty|cheers|شکریہ)"
        r"( a lot| so much| very much)?"
    ),
    "farewell": r"(good )?bye( bye)?|goodbye|see you( later)?|good night",
}
_COMPILED: dict[SmallTalk, re.Pattern[str]] = {
    kind: re.compile(pattern) for kind, pattern in _PATTERNS.items()
}
_EDGES = " \t\r\n.!?,;:…؟۔？！。"  # noqa: RUF001 - punctuation of several scripts
_SPACE = re.compile(r"\s+")
_MAX_CHARS = 60


def bare(message: str) -> str:
    """Return a message in lower case, without what stands around its words."""
    return _SPACE.sub(" ", message.strip(_EDGES).lower().replace("’", "'"))


def small_talk_in(message: str) -> SmallTalk | None:
    """Return what kind of small talk a message is, None where it may be more."""
    if len(message) > _MAX_CHARS:
        return None
    words = bare(message)
    return next((kind for kind, form in _COMPILED.items() if form.fullmatch(words)), None)
