"""What the offline reader says in its own words, and the small talk it understands.

Called by `reader.py`. Pure.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from proxy.adapters.local.units import Unit
from proxy.corpus import Chunk, Passage
from proxy.language.small_talk import SmallTalk, bare, small_talk_in

SWITCH_ON = "Set `GEMINI_API_KEY` and start again to have Gemini answer."
INTRODUCTION = (
    "I am the offline reader of this book: I look up your question and quote the sentences that "
    f"answer it, word for word and with their source. {SWITCH_ON}"
)
NOT_ASKED = (
    "I am the offline reader: I can only quote the book, and this request did not ask for it. "
    f"{SWITCH_ON}"
)
NOT_SEARCHED = (
    "The book cannot be searched at the moment, so I cannot answer from it. Try again soon."
)
NOT_FOUND = (
    "I found nothing in the book that answers this. Other words may find it, or the book does not "
    "cover it."
)
NOT_IN_SELECTION = (
    "The selected text does not say. Ask again without a selection to have the book looked through."
)
OMISSION = "…"
"""Stands for the steps of a long list that are left out."""
CLOSEST = "What comes closest in the book: "
GREETING = f"Hello! {INTRODUCTION}"
WELCOME = "You are welcome. Ask me anything the book may cover."
FAREWELL = "Goodbye!"

_REPLIES: dict[SmallTalk, str] = {"greeting": GREETING, "thanks": WELCOME, "farewell": FAREWELL}
_ABOUT_ITSELF = re.compile(
    r"(who|what) are you|what('s| is) your name|what can you do|introduce yourself|help( me)?|"
    r"are you (a |an )?(human|bot|robot|ai|real|chatgpt|gpt|gemini)|test(ing)?|ping"
)
_LINES = ("item", "row")
_BRACKET = re.compile(r"[][\\]")


def small_talk(message: str) -> str | None:
    """Return the reply to a greeting, thanks or a question about the reader itself, else None."""
    if kind := small_talk_in(message):
        return _REPLIES[kind]
    return INTRODUCTION if _ABOUT_ITSELF.fullmatch(bare(message)) else None


def not_found(nearby: Sequence[Passage]) -> str:
    """Return that nothing was found, and what the book has nearby, as links where it has pages.

    What the reader selected is no place to send it to.
    """
    places = [_linked(passage.chunk) for passage in nearby if not passage.chunk.is_selection]
    if nearby and not places:
        return NOT_IN_SELECTION
    return f"{NOT_FOUND}\n\n{CLOSEST}{', '.join(places)}." if places else NOT_FOUND


def _linked(chunk: Chunk) -> str:
    title = _BRACKET.sub(r"\\\g<0>", " › ".join(chunk.heading_path) or chunk.document_id)
    return f"[{title}]({chunk.url})" if chunk.url else f"“{title}”"


def quote(units: Sequence[Unit]) -> str:
    """Return the units as Markdown, each with the `[n]` of its passage right behind it."""
    if not units:
        return ""
    parts = [_quoted(units[0])]
    for before, unit in pairwise(units):
        parts += [_separator(before, unit), _quoted(unit)]
    if units[-1].is_cut:
        parts.append(f"\n\n{OMISSION}")
    return "".join(parts)


def _quoted(unit: Unit) -> str:
    marker = f"[{unit.passage + 1}]"
    if unit.kind == "code":
        return f"{unit.text}\n\n{marker}"
    return f"{_bullet(unit)}{unit.text} {marker}"


def _bullet(unit: Unit) -> str:
    return unit.marker if unit.kind in _LINES else ""


def _separator(before: Unit, unit: Unit) -> str:
    """Return what stands between two units: sentences of a passage run on, items have lines."""
    if before.is_cut:
        return f"\n\n{OMISSION}\n\n"
    if before.passage == unit.passage:
        if before.kind == unit.kind and not _bullet(unit) and unit.kind != "code":
            return " "
        if before.kind in _LINES and _bullet(unit):
            return "\n"
    return "\n\n"
