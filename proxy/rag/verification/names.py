"""Decides whether a sentence names something that its passages do not name."""

import re
from collections.abc import Sequence

from proxy.rag.verification.evidence import Comparison
from proxy.rag.verification.facts import HAS_LETTER, NAME_MARKS, Facts, facts_of_name

_CODE_WORD = re.compile(r"[^\s=(){};,'\"]+")
_CALL = re.compile(r"([\w.]+)\(\)")
_QUOTED = re.compile(r"[\"“„«]([^\"“”„«»\n]{2,300})[\"”“»]")
_NOT_WORDS = re.compile(r"[\W_]+")
_JOINED = re.compile(r"[/_.@:]")
_MAX_STRANGE_WORDS = 2
"""A sentence with more words that its passages do not have is in other words altogether."""
_MIN_NAME_CHARS = 3
_MAX_LEFT_OUT = 2
"""A line of more names is a list, of which a sentence may take some."""
_SAME_LINE = 0.5
"""Share of a line's other words that a sentence has which only swaps a name in it."""


def has_strange_code(compared: Comparison) -> bool:
    """Whether the sentence has code that the passages do not have."""
    return any(not _code_stands_in(code, compared.text) for code in compared.said.codes)


def has_strange_name(compared: Comparison) -> bool:
    """Whether the sentence has a name that the passages do not have, or has swapped one."""
    said, best, known = compared.said, compared.best, compared.known
    text = compared.text.casefold()
    strange = [
        n for n in said.names if not _stands_in(n, text) and not _parts_known(n, known, text)
    ]
    if strange and not _are_abbreviated(strange, said, text):
        return True
    if _is_swapped(said, best, known) or _is_exchanged(compared) or _is_recombined(compared, text):
        return True
    # The first word has a capital anyway: it is a name where the passage has one that is missing.
    opening = said.opening
    if not opening or _stands_in(opening, text) or _parts_known(opening, known, text):
        return False
    theirs = best.names | ({best.opening} & compared.names)
    left_out = theirs - said.names - {word.text for word in said.words}
    return bool(_behind(said, {opening}) & _behind(best, left_out))


def _are_abbreviated(names: Sequence[str], said: Facts, text: str) -> bool:
    """Whether the passages have the initials of names that stand side by side: "U.S."."""
    words = [word.text for word in said.words]
    run = [word for word in words if word in names]
    if not len(run) == len(names) > 1:
        return False
    at = words.index(run[0])
    if run != words[at : at + len(run)]:
        return False
    return _stands_in("".join(word[0] for word in run), text.replace(".", ""))


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


def _parts_known(name: str, known: frozenset[str], text: str) -> bool:
    """Whether a compound name is made of words that are there.

    Those of a path or an identifier have to stand side by side; an option has to match.
    """
    if name[0] in NAME_MARKS:
        return False
    parts = facts_of_name(name).words
    if not all(word.stem in known for word in parts if word.is_content):
        return False
    if not _JOINED.search(name):
        return True
    together = r"\W{1,3}(?:(?:and|or)\W)?".join(re.escape(word.text) for word in parts)
    return re.search(rf"(?<!\w){together}", text) is not None


def _is_swapped(said: Facts, best: Facts, known: frozenset[str]) -> bool:
    """Whether an unknown word stands where the passage has a name that the sentence leaves out."""
    left_out_names = [name for name in best.names if not facts_of_name(name).stems <= said.stems]
    left_out = frozenset(
        s
        for name in left_out_names
        for s in facts_of_name(name).stems - said.stems
        if len(s) >= _MIN_NAME_CHARS
    )
    strange = said.stems - known
    if not left_out or len(left_out_names) > _MAX_LEFT_OUT or len(strange) > _MAX_STRANGE_WORDS:
        return False
    if len(best.stems & said.stems) < _SAME_LINE * len(best.stems - left_out):
        return False
    return bool(_neighbours(best, left_out) & _neighbours(said, strange))


def _is_exchanged(compared: Comparison) -> bool:
    """Whether the sentence says of one name what its line says of another of its kind."""
    said, best = compared.said, compared.best
    ours = {name for name in said.names if not facts_of_name(name).stems <= best.stems}
    theirs = {name for name in best.names if not facts_of_name(name).stems <= said.stems}
    if len(ours) != 1 or len(theirs) != 1:
        return False
    (our,), (their,) = ours, theirs
    if any(our in each.heading.names for each in compared.evidence):  # what all of it is about
        return False
    if _kind(our, said) != _kind(their, best):
        return False
    rest = best.stems - facts_of_name(their).stems
    return bool(rest) and len(rest & said.stems) >= _SAME_LINE * len(rest)


def _kind(name: str, facts: Facts) -> tuple[bool, bool, str]:
    """Return what names have to share to be mistaken for each other."""
    is_code = any(name == code.casefold() for code in facts.codes)
    return is_code, "(" in name, name[0] if name[0] in NAME_MARKS else ""


def _is_recombined(compared: Comparison, text: str) -> bool:
    """Whether the sentence has `debian-mentors` and the passages have `debian-devel`."""
    said, known = compared.said, compared.known
    ours = [
        set(compound.split("-"))
        for compound in said.compounds
        if not _stands_in(compound, text) and not facts_of_name(compound).stems <= known
    ]
    theirs = [set(compound.split("-")) for compound in compared.compounds - said.compounds]
    if any(one & other for one in ours for other in theirs):
        return True
    left_out = compared.best.names - said.names
    long = [c for c in said.compounds if c.count("-") > 1 and not _stands_apart(c, text)]
    return bool(long and left_out)


def _stands_apart(compound: str, text: str) -> bool:
    """Whether the parts of a compound stand one behind the other, with or without hyphens."""
    return re.search(re.escape(compound).replace(r"\-", r"\W{1,3}"), text) is not None


def _behind(facts: Facts, names: set[str] | frozenset[str]) -> set[str]:
    """Return the content words that follow the names."""
    last = {facts_of_name(name).words[-1].text for name in names if facts_of_name(name).words}
    behind = (facts.words[i + 1 :] for i, word in enumerate(facts.words) if word.text in last)
    return {next((w.stem for w in words if w.is_content), "") for words in behind} - {""}


def _neighbours(facts: Facts, chosen: frozenset[str]) -> set[tuple[str, str]]:
    """Return the content words that the chosen ones stand between; "" at an end."""
    words = ["", *(word.stem for word in facts.words if word.is_content), ""]
    return {
        (words[i - 1], words[i + 1]) for i, word in enumerate(words) if word and word in chosen
    } - {("", "")}
