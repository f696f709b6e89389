"""Tables of HTML to tables of Markdown, where their cells hold lines and nothing larger."""

from selectolax.lexbor import LexborNode

from proxy.ingest.loaders.html.inline import line_of
from proxy.ingest.loaders.html.tree import elements, has_within

_LARGER = frozenset(("pre", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"))
_GROUPS = frozenset(("thead", "tbody", "tfoot"))


def table_lines(table: LexborNode) -> list[str] | None:
    """Return the lines of the table, none for an empty one; None: it is there for layout."""
    if has_within(table, _LARGER):
        return None
    rows = [row for part in elements(table) for row in _rows(part)]
    cells = [[_cell(cell) for cell in elements(row) if cell.tag in ("td", "th")] for row in rows]
    cells = [row for row in cells if any(row)]
    if not cells:
        return []
    width = max(map(len, cells))
    if width == 1 and len(cells) == 1:
        return None
    head, *body = [row + [""] * (width - len(row)) for row in cells]
    lines = [_line(head), _line(["---"] * width), *map(_line, body)]
    caption = next((part for part in elements(table) if part.tag == "caption"), None)
    title = line_of(caption) if caption is not None else ""
    return [f"**{title}**", "", *lines] if title else lines


def _rows(part: LexborNode) -> list[LexborNode]:
    if part.tag == "tr":
        return [part]
    return [row for row in elements(part) if row.tag == "tr"] if part.tag in _GROUPS else []


def _cell(cell: LexborNode) -> str:
    return line_of(cell).replace("|", "\\|")


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
