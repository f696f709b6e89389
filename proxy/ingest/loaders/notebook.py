"""Jupyter notebooks: cells in order, code fenced, what was printed below it.

Anchors are those that Jupyter and nbconvert give headings: the text with hyphens for spaces.
"""

import logging
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import PurePosixPath
from typing import Any, cast

from proxy.corpus import Document
from proxy.ingest.blocks import close_fences
from proxy.ingest.loaders.base import Skipped, Source, UnreadableSource, decode_text
from proxy.ingest.loaders.markdown import plain_headings
from proxy.ingest.loaders.mdx import to_markdown
from proxy.ingest.loaders.outline import Outline

_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_OBJECT = re.compile(r"\s*<(?:Figure size|IPython\.core\.display\.)[^<>\n]*>\s*\Z")
"""What stands for a picture where there are only letters."""
_MOST_OUTPUT_CHARS = 5_000
"""Of one cell: more is a log, not an explanation."""


def load(source: Source) -> Document | Skipped:
    """Return the text of a notebook.

    Raises:
        UnreadableSource: no notebook of a version that is known.
    """
    notebook = _read(decode_text(source.data))
    metadata = notebook.get("metadata", {})
    language = metadata.get("kernelspec", {}).get("language") or metadata.get(
        "language_info", {}
    ).get("name", "")
    cells = list(_cells(notebook, language if isinstance(language, str) else ""))
    title = next((text for cell in cells for level, text in _titles(cell) if level == 1), "")
    title = title or PurePosixPath(source.document_id).stem
    outline = Outline(title)
    for cell in cells:
        _write(cell, outline)
    sections = outline.sections()
    if not any(section.markdown for section in sections):
        return Skipped("no text")
    return Document(source.document_id, title, f"/{source.document_id}", sections)


def _read(text: str) -> Any:
    nbformat: Any = import_module("nbformat")  # 240 ms, and only a notebook needs it
    logging.getLogger("nbformat").setLevel(logging.CRITICAL)  # a notebook's slips are no news
    try:
        return nbformat.reads(text, as_version=4, capture_validation_error={})
    except nbformat.reader.NotJSONError as exc:
        raise UnreadableSource("is no notebook: it is not JSON") from exc
    except (
        nbformat.ValidationError,
        AttributeError,
        KeyError,
        TypeError,
        ValueError,
        RecursionError,
    ) as exc:
        raise UnreadableSource("is no notebook of a version that is known") from exc


def _cells(notebook: Any, language: str) -> Iterator[str]:
    """Yield the Markdown of each cell."""
    for cell in cast("list[Any]", notebook.get("cells", [])):
        kind, text = cell.get("cell_type"), _joined(cell.get("source"))
        if kind == "markdown":
            yield close_fences(to_markdown(text, mdx=False))  # cells are rendered one by one
        elif kind == "code" and text.strip():
            yield _fenced(text, language)
            yield from _outputs(cell.get("outputs", ()))
        elif kind == "raw" and text.strip():
            yield _fenced(text, "")


def _outputs(outputs: Any) -> Iterator[str]:
    """Yield the Markdown of what a cell showed, as far as there is room for it."""
    room = _MOST_OUTPUT_CHARS
    for text, is_markdown in _shown(outputs):
        cut = text[:room]
        room -= len(cut)
        if cut:
            yield close_fences(to_markdown(cut, mdx=False)) if is_markdown else _fenced(cut, "text")


def _shown(outputs: Any) -> Iterator[tuple[str, bool]]:
    """Yield what a cell wrote as Markdown, and what it printed in between as one text."""
    printed: list[str] = []
    for output in outputs:
        written = _joined(output.get("data", {}).get("text/markdown"))
        if not written.strip():
            printed.append(_output(output))
            continue
        yield "\n".join(filter(None, printed)), False
        printed = []
        yield written, True
    yield "\n".join(filter(None, printed)), False


def _output(output: Any) -> str:
    """Return what an output says in words: printed text, a value, an error."""
    if output.get("output_type") == "stream":
        text = _joined(output.get("text"))
    elif output.get("output_type") == "error":
        text = f"{output.get('ename', '')}: {output.get('evalue', '')}"
    else:
        text = _joined(output.get("data", {}).get("text/plain"))
        text = "" if _OBJECT.match(text) else text
    return "\n".join(map(_as_shown, _ANSI.sub("", text).split("\n"))).strip("\n")


def _as_shown(line: str) -> str:
    """Return what is left of a line that was written over, as progress bars are."""
    return line.rstrip("\r").rpartition("\r")[2]


def _joined(text: Any) -> str:
    return "".join(map(str, text)) if isinstance(text, list) else str(text or "")  # pyright: ignore[reportUnknownArgumentType] - foreign JSON


def _fenced(text: str, language: str) -> str:
    longest = max(map(len, re.findall(r"`{3,}", text)), default=2)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.strip(chr(10))}\n{fence}"


def _titles(markdown: str) -> Iterator[tuple[int, str]]:
    for heading in plain_headings(markdown):
        yield heading.level, heading.text


def _write(markdown: str, outline: Outline) -> None:
    """Write one cell; its headings begin sections."""
    lines = markdown.split("\n")
    start = 0
    for heading in plain_headings(markdown):
        outline.block("\n".join(lines[start : heading.first_line]).strip("\n"))
        outline.heading(heading.level, heading.text, heading.text.replace(" ", "-"))
        start = heading.end_line
    outline.block("\n".join(lines[start:]).strip("\n"))
