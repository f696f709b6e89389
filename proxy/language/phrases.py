"""Says in one word what an English text says in several, where it denies or says how much."""

import re

_FEW_WORDS = r"((?:[^\s.,;:]{1,30} ){0,%d})"
_BOUND = (
    r"(?:(?:do|does) not|never|not|cannot) exceed(?:ing|s)?|exceed(?:s|ing)? no|not? more than"
    r"|no (?:longer|larger|greater|higher|bigger|later|sooner|further) than"
    r"|no (?:smaller|lower|less|fewer|earlier) than|at (?:the )?(?:most|least)|up to(?! date)"
)
"""Says how much; the denial in it denies nothing."""
_PHRASES = (
    (_BOUND, "within"),
    (r"(?:nothing|no one|none|no other) (?:but|than)", "only"),
    (r"(?:any|some)(?:thing|one|body) but|other than|apart from", "except"),
    (rf"keeps? {_FEW_WORDS % 4}(?:out\b|from(?= \w+ing\b))|leav(?:es?|ing) out", r"omit \1"),
    (r"do(?:es|ing)? away with|gets? rid of|dispens(?:es?|ing) with", "without"),
    (r"(?:get|do)(?:e?s)?(?: by)? without", "without"),
    (r"may or may not", "may"),
    (r"ha(?:s|ve) to", "must"),
    (r"1st", "first"),
    (r"2nd", "second"),
    (r"3rd", "third"),
)
_COMPILED = [(re.compile(rf"\b(?:{p})\b", re.IGNORECASE), word) for p, word in _PHRASES]
_MARKS = re.compile(
    r"exceed|\b(?:leav|dispens)"
    r"|\b(?:than|most|least|but|apart|out|from|away|rid|without|to|may not|1st|2nd|3rd)\b"
)
"""One of these stands in every such phrase, and in few other texts."""


def simply_said(text: str) -> str:
    """Return a text in which what is said in many words is said in one."""
    if not _MARKS.search(text.casefold()):
        return text
    for pattern, word in _COMPILED:
        text = pattern.sub(word, text)
    return text
