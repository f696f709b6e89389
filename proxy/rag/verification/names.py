"""Decides whether a sentence names something that its passages do not name, or not there."""

import re
from collections.abc import Sequence

from proxy.rag.verification.evidence import Comparison
from proxy.rag.verification.facts import HAS_LETTER, NAME_MARKS, Name, facts_of_name
from proxy.rag.verification.surroundings import Place, Surroundings

_CODE_WORD = re.compile(r"[^\s=(){};,'\"]+")
_CALL = re.compile(r"([\w.]+)\(\)")
_QUOTED = re.compile(r"[\"“„«]([^\"“”„«»\n]{2,300})[\"”“»]")
_NOT_WORDS = re.compile(r"[\W_]+")
_JOINED = re.compile(r"[/_.@:]")
_MAX_PARTS = 12
_MOST = 20
"""Names of a sentence that are compared with those of its lines."""
_LIKE = 0.35
_MORE_LIKE = 2


def has_strange_code(compared: Comparison) -> bool:
    """Whether the sentence has code that the passages do not have."""
    return any(not _code_stands_in(code, compared.text) for code in compared.said.codes)


def has_strange_name(compared: Comparison, surroundings: Surroundings) -> bool:
    """Whether the sentence has a name the passages do not have, or one in another's place."""
    said = compared.said
    named = [name for name in said.named if name.text in said.names and _has_letter(name.text)]
    strange = [
        name.text
        for name in named
        if not _stands_in(name.text, compared.folded) and not _parts_known(name.text, compared)
    ]
    if strange and not _are_abbreviated(strange, compared):
        return True
    there = [name for name in named if name.text not in strange]
    return any(_is_displaced(name, compared, surroundings) for name in there[:_MOST])


def _has_letter(text: str) -> bool:
    return HAS_LETTER.search(text) is not None


def _is_displaced(name: Name, compared: Comparison, surroundings: Surroundings) -> bool:
    """Whether another name of its kind, which the sentence leaves out, stands in its place."""
    said = compared.said
    stems = facts_of_name(name.text).stems
    if not stems or any(stems <= heading.stems for heading in compared.headings):
        return False  # what all of it is about
    same: list[Place] = []
    other: list[Place] = []
    for line in compared.near:
        if not name.is_code:
            same += [Place(line, i) for stem in stems for i in line.places.get(stem, ())[:_MOST]]
        for their in line.named[:_MOST]:
            theirs = facts_of_name(their.text).stems
            if _stands_in(name.text, their.text) or theirs == stems:
                same.append(Place(line, their.place))
            elif (
                their.text in line.names - said.names
                and _kind(their) == _kind(name)
                and (name.is_code or not (theirs <= said.stems or stems & theirs))
            ):
                other.append(Place(line, their.place))
    if not other:
        return False
    rival = surroundings.best(name.place, other)
    return rival > max(_LIKE, _MORE_LIKE * surroundings.best(name.place, same))


def _kind(name: Name) -> tuple[bool, bool, str]:
    """Return what names have to share to be mistaken for each other."""
    return (
        name.is_code,
        name.text.endswith("()"),
        name.text[0] if name.text[0] in NAME_MARKS else "",
    )


def _are_abbreviated(names: Sequence[str], compared: Comparison) -> bool:
    """Whether the passages have the initials of names that stand side by side: "U.S."."""
    words = [word.text for word in compared.said.words]
    run = [word for word in words if word in names]
    if not len(run) == len(names) > 1:
        return False
    at = words.index(run[0])
    if run != words[at : at + len(run)]:
        return False
    return _stands_in("".join(word[0] for word in run), compared.folded.replace(".", ""))


def misquotes(sentence: str, compared: Comparison) -> bool:
    """Whether something in quotation marks does not stand in the passages."""
    quotes = [_in_one_run(quote) for quote in _QUOTED.findall(sentence)]
    if not quotes:
        return False
    text = _in_one_run(compared.text)
    return any(quote.strip() and quote not in text for quote in quotes)


def _in_one_run(text: str) -> str:
    """Return the words alone, in lower case: markup and punctuation differ between copies."""
    return f" {_NOT_WORDS.sub(' ', text).strip().casefold()} "


def _code_stands_in(code: str, text: str) -> bool:
    """Whether code, or each word of it, stands in the text as it is written."""
    if code.islower():
        text = text.casefold()
    if call := _CALL.fullmatch(code):
        return re.search(rf"(?<!\w){re.escape(call[1])}(?:\(|`)", text) is not None
    words = [word for word in _CODE_WORD.findall(code) if len(word) > 1 and HAS_LETTER.search(word)]
    return code in text or all(_stands_in(word, text) for word in words)


def _stands_in(name: str, text: str) -> bool:
    """Whether a name stands in the text as a word of its own."""
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        if not _is_letter(text[at - 1 : at]) and not _is_letter(text[end : end + 1]):
            return True
        at = text.find(name, at + 1)
    return False


def _is_letter(character: str) -> bool:
    """Whether a character, if there is one, belongs to a word."""
    return character.isalnum() or character == "_"


def _parts_known(name: str, compared: Comparison) -> bool:
    """Whether a compound name is made of words that are there.

    Those of a path or an identifier have to stand side by side; an option has to match.
    """
    if name[0] in NAME_MARKS:
        return False
    made_of = facts_of_name(name)
    if not made_of.stems <= compared.known:
        return False
    if not _JOINED.search(name):
        return True
    parts = made_of.words
    if len(parts) > _MAX_PARTS:
        return False
    together = r"\W{1,3}(?:(?:and|or)\W)?".join(re.escape(word.text) for word in parts)
    return re.search(rf"(?<!\w){together}", compared.folded) is not None
