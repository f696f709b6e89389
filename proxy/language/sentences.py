"""Cuts prose into sentences, in any script, without tripping over versions, names and code.

Pure. A mark that ends a sentence counts when what stands before it is no
abbreviation and what follows can begin one.
"""
# ruff: noqa: RUF001 - punctuation of many scripts is this file's business

import re

_CODE_SPAN = re.compile(r"(?<!`)(`++)[^`]++`++")
_FULL, _HALF = "。！？｡", ".!?…؟۔।॥።։"
_CANDIDATE = re.compile(
    rf"(?P<full>[{_FULL}]++[”’」』）)\]]*+\s*+)"  # no space follows these
    rf"|(?P<mark>[{_HALF}]++[\"'”’»)\]*_]*+)(?P<space>\s++)?"
)
_ABBREVIATION_LIST = (
    "e.g i.e cf vs viz resp approx incl excl esp al ca no nos vol fig figs sec ch chap eq pp ed eds"
    " mr mrs ms dr prof st jr sr inc ltd dept est z.b bzw u.a d.h p.ex art"
)
ABBREVIATIONS = frozenset(_ABBREVIATION_LIST.split())
_LAST_WORD_CHARS = 80
_FIRST_WORD_CHARS = 80
_FIRST_LETTER = re.compile(r"[^\W_]")


def split_sentences(text: str) -> list[str]:
    """Return the sentences of `text` in order, white space around them removed.

    Nothing but white space is lost.
    """
    masked = _CODE_SPAN.sub(lambda span: "x" * len(span[0]), text) if "`" in text else text
    sentences: list[str] = []
    start = 0
    for candidate in _CANDIDATE.finditer(masked):
        if candidate["full"] is None and not (
            candidate["space"] and _ends_sentence(masked, text, start, candidate)
        ):
            continue
        sentences.append(text[start : candidate.end()].strip())
        start = candidate.end()
    sentences.append(text[start:].strip())
    return [sentence for sentence in sentences if sentence]


def _ends_sentence(masked: str, text: str, start: int, candidate: re.Match[str]) -> bool:
    """Return whether a sentence that began at `start` ends with this mark."""
    if not _begins_sentence(masked, text, candidate.end()):
        return False
    if candidate["mark"].rstrip("\"'”’»)]*_") != ".":
        return True
    # The whole sentence so far would cost the square of a text that never ends one.
    before = masked[max(start, candidate.start() - _LAST_WORD_CHARS) : candidate.start()]
    word = before.split()[-1:]
    last = word[0].lstrip("(\"'“‘[").lower() if word else ""
    is_initial = len(last) == 1 and last.isalpha()
    is_short = candidate.start() - start <= _LAST_WORD_CHARS
    is_list_number = is_short and last.isdigit() and before.strip() == last
    return bool(last) and not (last in ABBREVIATIONS or is_initial or is_list_number)


def _begins_sentence(masked: str, text: str, position: int) -> bool:
    """Return whether what stands at `position` can be the beginning of a sentence."""
    if position >= len(masked) or text[position] == "`":
        return True
    letter = _FIRST_LETTER.search(masked, position, position + _FIRST_WORD_CHARS)
    if letter is None:
        return False
    # Scripts without capitals (Urdu, Hindi, Chinese …) leave nothing to go by but the mark.
    return not letter[0].islower()
