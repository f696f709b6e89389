"""Takes a passage apart into what can be quoted: sentences, list items, table rows, code blocks.

Called by `reader.py`. Pure. Links are reduced to their text and emphasis is dropped; inline code
keeps its backticks.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from proxy.language.sentences import split_sentences

UnitKind = Literal["sentence", "item", "row", "code"]

_MAX_LABEL_CHARS = 60
_ENDS = tuple(".:;!?。؟")
_NOTHING = " -\N{EN DASH}\N{EM DASH}"
"""What a cell of a table holds that holds nothing."""
MAX_CODE_CHARS = 700
"""A longer block is a whole program rather than an answer, and is left out."""
MAX_COMPARED_CHARS = 500

_NESTED = " " * 4

_MARKDOWN = MarkdownIt("commonmark").enable("table")
_NOT_PROSE = re.compile(r"^\s*(:::|import\s.+\sfrom\s|export\s(default|const|function)\s)")
"""Lines of MDX that a reader of the page does not see as text."""
_TAG = re.compile(r"</?[A-Za-z][^<>`]*>|<!--.*?-->", re.DOTALL)
_SPACE = re.compile(r"\s+")
_FOOTNOTE = re.compile(r"\s+\[\^?\d{1,4}\]|(?<![\w\]])\[\^?\d{1,4}\]")
_REFERENCE = re.compile(r"\[([^\[\]]+)\]\[[^\[\]]*\]")
"""A link whose target is defined in another part of the page."""
_INDEX = re.compile(r"[\w.]*\w\[\d{1,4}\]")


@dataclass(frozen=True, slots=True)
class Step:
    """A place in an ordered list; of nested ones, in the outermost."""

    list_number: int
    """Which of the passage's lists, from 1."""
    position: int
    """Place in the list, from 0."""


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest piece of a passage that is quoted whole."""

    kind: UnitKind
    text: str
    """What is shown: one line, or a fenced block for `code`."""
    passage: int
    """Index of the passage, from 0."""
    position: int
    """Reading order within the passage, from 0."""
    context: str
    """What a reader of the page knows here: the heading, a table's header, a list item's term."""
    lead: int | None = None
    """Position of the sentence that introduces this item, row or block."""
    step: Step | None = None
    """What it is part of in an ordered list, the parts of which are quoted together."""
    marker: str = "- "
    """What begins the line of an item or row; "" where it goes on with the item before."""
    is_cut: bool = False
    """Whether the list goes on with what is not quoted."""

    @property
    def is_introduction(self) -> bool:
        """Whether what follows belongs to it."""
        return self.kind == "sentence" and self.text.endswith((":", "：", "；"))  # noqa: RUF001

    @property
    def in_context(self) -> str:
        """The text as it is compared with a question; the end of a very long one is left out."""
        text = self.text[:MAX_COMPARED_CHARS]
        return f"{self.context}: {text}" if self.context else text


def units_of(markdown: str, *, passage: int, heading: str) -> list[Unit]:
    """Return the units of one passage in reading order."""
    return _Reading(passage, heading).read(_MARKDOWN.parse(markdown))


class _Reading:
    """Walks over the tokens of one passage."""

    def __init__(self, passage: int, heading: str) -> None:
        self._passage = passage
        self._section = self._heading = heading
        self._units: list[Unit] = []
        self._lists: list[int | None] = []
        """Of each open list the number of its next item, None where it has no numbers."""
        self._lists_read = 0
        self._step: Step | None = None
        self._number = ""
        """What the next text begins with in an ordered list."""
        self._lead: int | None = None
        self._header: list[str] = []
        self._cells: list[str] = []

    def read(self, tokens: Sequence[Token]) -> list[Unit]:
        """Return the units in the order of the tokens."""
        for i, token in enumerate(tokens):
            if token.type == "inline":
                self._inline(token, parent=tokens[i - 1].type)
            elif token.type in ("fence", "code_block"):
                self._code(token)
            elif token.type == "html_block":
                self.read(_MARKDOWN.parse(_TAG.sub("", token.content).strip()))
            elif token.type in ("bullet_list_open", "ordered_list_open"):
                is_ordered = token.type == "ordered_list_open"
                self._lists.append(int(token.attrs.get("start", 1)) if is_ordered else None)
                self._lists_read += 1
            elif token.type in ("bullet_list_close", "ordered_list_close"):
                self._lists.pop()
                self._step = self._step if self._depth else None
                self._lead = self._lead if self._lists else None
            elif token.type == "list_item_open":
                self._begin_item()
            elif token.type == "tr_close":
                self._row()
            elif token.type == "table_close":
                self._header, self._lead = [], None
        return self._units

    @property
    def _depth(self) -> int:
        """How many lists are open from the outermost ordered one on; 0: none is ordered."""
        ordered = [i for i, number in enumerate(self._lists) if number is not None]
        return len(self._lists) - ordered[0] if ordered else 0

    def _begin_item(self) -> None:
        if not self._depth:
            return
        number = self._lists[-1]
        self._number = _NESTED * (self._depth - 1) + ("- " if number is None else f"{number}. ")
        if number is not None:
            self._lists[-1] = number + 1
        if self._depth == 1:
            self._step = (
                Step(self._lists_read, 0)
                if self._step is None
                else Step(self._step.list_number, self._step.position + 1)
            )

    def _inline(self, token: Token, *, parent: str) -> None:
        text = plain(token)
        if parent == "th_open":
            self._header.append(text)
        elif parent == "td_open":
            self._cells.append(text)
        elif parent == "heading_open":
            self._section = self._heading = text or self._heading
        elif self._step is None and _is_label(token, text):
            self._heading = f"{self._section}, {text}" if self._section else text
        elif self._lists:
            self._item(text)
        else:
            self._prose(text)

    def _prose(self, text: str) -> None:
        for sentence in split_sentences(text):
            self._add("sentence", sentence, self._heading)
        self._lead = self._last_introduction()

    def _item(self, text: str) -> None:
        sentences = split_sentences(text)
        term = sentences[0][:60] if sentences else ""
        for i, sentence in enumerate(sentences):
            context = self._heading if i == 0 else f"{self._heading}, {term}"
            self._add("item", sentence, context, self._lead)

    def _row(self) -> None:
        cells = [cell for cell in self._cells if cell.strip(_NOTHING)]
        self._cells = []
        if cells:
            header = ", ".join(name for name in self._header if name)
            self._add("row", " — ".join(cells), f"{self._heading} ({header})", self._lead)

    def _code(self, token: Token) -> None:
        code = token.content.rstrip("\n")
        if code.strip() and len(code) <= MAX_CODE_CHARS:
            fence = "`" * max(3, _longest_backticks(code) + 1)
            language = token.info.split()[0] if token.info.split() else ""
            self._add("code", f"{fence}{language}\n{code}\n{fence}", self._heading, self._lead)
            self._lead = self._lead if self._lists else None

    def _last_introduction(self) -> int | None:
        if self._units and self._units[-1].is_introduction:
            return self._units[-1].position
        return None

    def _add(self, kind: UnitKind, text: str, context: str, lead: int | None = None) -> None:
        position = len(self._units)
        marker = "- "
        if kind == "item" and self._step:
            marker, self._number = self._number, ""
        self._units.append(
            Unit(kind, text, self._passage, position, context, lead, self._step, marker)
        )


def _is_label(token: Token, text: str) -> bool:
    """Return whether a paragraph is a bold name, as of a tab: what is below it is about that."""
    kinds = [child.type for child in token.children or [] if child.content or child.nesting]
    is_bold = kinds[:1] == ["strong_open"] and kinds[-1:] == ["strong_close"]
    is_one = kinds.count("strong_open") == 1
    return is_bold and is_one and len(text) <= _MAX_LABEL_CHARS and text[-1:] not in _ENDS


def plain(token: Token) -> str:
    """Return the text of an inline token on one line, without markup but inline code."""
    return _SPACE.sub(" ", "".join(_pieces(token.children or []))).strip()


def _pieces(children: Sequence[Token]) -> Iterator[str]:
    """Yield the text of inline tokens."""
    is_line_start = True
    for child in children:
        if child.type == "text":
            skip = is_line_start and _NOT_PROSE.match(child.content)
            yield "" if skip else _without_markers(_TAG.sub("", child.content))
        elif child.type == "code_inline":
            yield f"{child.markup}{child.content}{child.markup}"
        elif child.type in ("softbreak", "hardbreak"):
            yield " "
        is_line_start = child.type in ("softbreak", "hardbreak")


def _without_markers(text: str) -> str:
    """Return the text with nothing that reads like a citation of ours: `[3]`."""
    text = _REFERENCE.sub(r"\1", text)
    return _INDEX.sub(lambda index: f"`{index[0]}`", _FOOTNOTE.sub("", text))


def _longest_backticks(code: str) -> int:
    """Return the length of the longest run of backticks."""
    return max((len(run) for run in re.findall(r"`+", code)), default=0)
