"""The blocks of a piece of Markdown, found by line: where text may be cut, and how.

Blocks are slices: joined together they are the text again. Pure; called by `chunker.py`.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

BlockKind = Literal["paragraph", "list", "table", "fence"]

_CONTAINER = r"[ \t]*(?:>[ \t]?|(?:[-*+]|\d{1,9}[.)])[ \t]+)*"
FENCE = re.compile(rf"(?P<prefix>{_CONTAINER})(?P<fence>`{{3,}}(?=[^`\n]*(?:\n|\Z))|~{{3,}})")
_ITEM = re.compile(r"(?P<indent>[ \t]*)(?:[-*+]|\d{1,9}[.)])(?:[ \t]|\n|\Z)")
_DELIMITER_ROW = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*\n?\Z")
_SENTENCE_END = re.compile(
    r"""(?:(?:(?<!\d)\.|[!?…])["')\]*_”’]*(?=\s)|[。！？])\s*|[ \t]*\n"""  # noqa: RUF001 - CJK ends sentences so
)


@dataclass(frozen=True, slots=True)
class Block:
    """One block with the blank lines behind it."""

    kind: BlockKind
    text: str

    def __len__(self) -> int:
        """Return its length in characters."""
        return len(self.text)


def split_blocks(text: str, *, in_item: bool = False) -> list[Block]:
    """Return the blocks of `text` in order.

    `in_item`: the text is one list item, to be taken apart instead of kept as a list.
    """
    lines = _lines(text)
    blocks: list[Block] = []
    start = 0
    while start < len(lines):
        kind, end = _block_at(lines, start, in_item=in_item)
        while end < len(lines) and not lines[end].strip():
            end += 1
        blocks.append(Block(kind, "".join(lines[start:end])))
        start = end
    return blocks


def close_fences(text: str) -> str:
    """Return `text` with a closing line for each code block that has none."""
    if "```" not in text and "~~~" not in text:
        return text
    lines = _lines(text)
    closed: list[str] = []
    position = 0
    while position < len(lines):
        end = _fence_end(lines, position)
        if end > position:
            block = "".join(lines[position:end])
            closing = split_fence(block)[2]
            is_closed = end - position > 1 and lines[end - 1].rstrip() == closing.rstrip()
            closed.append(block if is_closed else f"{block.rstrip()}\n{closing}\n")
        else:
            end += 1
            closed.append(lines[position])
        position = end
    return "".join(closed)


def introduces(block: Block) -> bool:
    """Tell whether a block only announces what follows."""
    text = block.text.rstrip()
    is_bold_line = text.startswith("**") and text.endswith("**") and "\n" not in text
    return block.kind == "paragraph" and (text.endswith(":") or is_bold_line)


def split_items(text: str) -> list[str]:
    """Return the outermost items of a list, each with all that is nested in it."""
    lines = _lines(text)
    first = _ITEM.match(lines[0])
    width = len(first["indent"]) if first else 0
    starts: list[int] = []
    position = 0
    while position < len(lines):
        item = _ITEM.match(lines[position])
        if item and len(item["indent"]) <= width + 1:
            starts.append(position)
        position = max(_fence_end(lines, position), position + 1)
    ends = [*starts[1:], len(lines)]
    return ["".join(lines[a:b]) for a, b in zip([0, *starts[1:]], ends, strict=True)]


def split_sentences(text: str) -> list[str]:
    """Return the sentences and lines of `text`, each with the space behind it."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    return [text[a:b] for a, b in zip([0, *ends], [*ends, len(text)], strict=True) if a < b]


def split_words(text: str, at_once: int = 1) -> list[str]:
    """Return the words of `text`, some at once, each with the space behind it."""
    return re.findall(rf"(?:\s*\S+\s*){{1,{at_once}}}", text) or [text]


def split_table(text: str) -> tuple[str, list[str]]:
    """Return a table's head (two lines) and its rows."""
    lines = _lines(text)
    return "".join(lines[:2]), lines[2:]


def split_fence(text: str) -> tuple[str, list[str], str]:
    """Return a code block's opening line, the lines within and a line that closes it.

    The closing line is made up where the block has none; blank lines behind it are left out.
    """
    lines = _lines(text.rstrip())
    opening = lines[0] if lines[0].endswith("\n") else lines[0] + "\n"
    fence = FENCE.match(opening)
    prefix, marks = (fence["prefix"], fence["fence"]) if fence else ("", "```")
    if len(lines) > 1 and _closing(marks[0], len(marks)).match(lines[-1]):
        return opening, lines[1:-1], lines[-1]
    return opening, lines[1:], re.sub(r"[^>\s]", " ", prefix) + marks


def without_marker(opening: str) -> str:
    """Return a code block's opening line for a later part; a list marker would begin an item."""
    marks = opening.index("`") if "`" in opening else opening.index("~")
    return "".join(c if c in "> \t" else " " for c in opening[:marks]) + opening[marks:]


def _lines(text: str) -> list[str]:
    """Split at line feeds only; `str.splitlines` also splits at form feeds and others."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _block_at(lines: list[str], start: int, *, in_item: bool) -> tuple[BlockKind, int]:
    """Return the kind of the block that begins at line `start` and the line behind its last."""
    if not in_item and _ITEM.match(lines[start]):
        return "list", _list_end(lines, start)
    if (end := _fence_end(lines, start)) > start:
        return "fence", end
    if _is_table(lines, start):
        end = start + 2
        while end < len(lines) and "|" in lines[end] and lines[end].strip():
            end += 1
        return "table", end
    end = start + 1
    while end < len(lines) and lines[end].strip() and not _is_border(lines, end, in_item=in_item):
        end += 1
    return "paragraph", end


def _is_border(lines: list[str], at: int, *, in_item: bool) -> bool:
    """Tell whether a line ends the paragraph above it without a blank line between."""
    if FENCE.match(lines[at]) or _is_table(lines, at):
        return True
    return not in_item and _ITEM.match(lines[at]) is not None


def _is_table(lines: list[str], start: int) -> bool:
    following = lines[start + 1] if start + 1 < len(lines) else ""
    return "|" in lines[start] and "|" in following and _DELIMITER_ROW.match(following) is not None


def _list_end(lines: list[str], start: int) -> int:
    """Return the line behind a list: the first below a blank one that is neither in nor an item."""
    end = start
    after_blank = False
    while end < len(lines):
        line = lines[end]
        if not line.strip():
            end += 1
            after_blank = True
            continue
        is_item = _ITEM.match(line) is not None
        if after_blank and not is_item and not line.startswith((" ", "\t")):
            break
        if not is_item and not line.startswith((" ", "\t")) and FENCE.match(line):
            break
        end = max(_fence_end(lines, end), end + 1)
        after_blank = False
    return end


def _fence_end(lines: list[str], start: int) -> int:
    """Return the line behind the code block that begins at line `start`, `start` without one."""
    fence = FENCE.match(lines[start])
    if fence is None:
        return start
    closing = _closing(fence["fence"][0], len(fence["fence"]))
    is_quoted = ">" in fence["prefix"]
    for end in range(start + 1, len(lines)):
        if is_quoted and not lines[end].lstrip().startswith(">"):
            return end
        if closing.match(lines[end]):
            return end + 1
    return len(lines)


@lru_cache(maxsize=64)
def _closing(character: str, length: int) -> re.Pattern[str]:
    return re.compile(rf"[ \t>]*{character}{{{length},}}[ \t]*\n?\Z")
