"""Pieces of a page to lines in the order of reading, column by column."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from proxy.ingest.loaders.pdf.glyphs import Page, Piece

_LEAST_LINES = 5
"""In each of two columns, for them to be columns."""
_LEAST_GUTTER_PT = 8.0
_LEAST_COLUMN_SHARE = 0.25
"""Of the text's width: what is narrower is the first column of a table."""
_MOST_CROSSING_SHARE = 0.5
_LIGATURES = str.maketrans(
    {
        "\ufb00": "ff",
        "\ufb01": "fi",
        "\ufb02": "fl",
        "\ufb03": "ffi",
        "\ufb04": "ffl",
        "\ufb05": "st",
        "\ufb06": "st",
    }
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; lengths in points, from the bottom left of the page."""

    page: int
    """Index of the page."""
    text: str
    left: float
    right: float
    bottom: float
    top: float
    size: float
    is_mono: bool
    column_left: float = 0.0
    """Where the lines of its column begin."""
    column_right: float = 0.0


def lines_of(page: Page, number: int) -> list[Line]:
    """Return the lines of a page; `number` is its index."""
    pieces = sorted(page.pieces, key=lambda piece: (-piece.top, piece.left))
    gutter = _gutter(pieces)
    lines: list[Line] = []
    for group in _groups(pieces, gutter):
        column = list(_joined(group, number))
        if column:
            left, right = min(line.left for line in column), max(line.right for line in column)
            lines += [replace(line, column_left=left, column_right=right) for line in column]
    return lines


def _gutter(pieces: Sequence[Piece]) -> float | None:
    """Return the middle of the white space between two columns, None where there is one column."""
    if len(pieces) < 2 * _LEAST_LINES:
        return None
    left, right = min(p.left for p in pieces), max(p.right for p in pieces)
    width = right - left
    best: tuple[int, float] | None = None
    for step in range(30, 71):
        at = left + width * step / 100
        crossing = sum(
            p.left < at + _LEAST_GUTTER_PT / 2 and p.right > at - _LEAST_GUTTER_PT / 2
            for p in pieces
        )
        distance = abs(step - 50)
        if best is None or (crossing, distance) < (
            best[0],
            abs((best[1] - left) / width * 100 - 50),
        ):
            best = (crossing, at)
    if best is None:
        return None
    crossing, at = best
    sides = [[p for p in pieces if p.right <= at], [p for p in pieces if p.left >= at]]
    if crossing > _MOST_CROSSING_SHARE * len(pieces) or any(len(s) < _LEAST_LINES for s in sides):
        return None
    widths = [sorted(p.right - p.left for p in side)[len(side) * 3 // 4] for side in sides]
    if min(widths) < _LEAST_COLUMN_SHARE * width:
        return None
    first, second = ((min(p.bottom for p in s), max(p.top for p in s)) for s in sides)
    shared = min(first[1], second[1]) - max(first[0], second[0])
    return at if shared > 0 else None


def _groups(pieces: Sequence[Piece], gutter: float | None) -> Iterator[list[Piece]]:
    """Yield what is read one after the other: the columns between two lines that cross both."""
    if gutter is None:
        yield list(pieces)
        return
    left: list[Piece] = []
    right: list[Piece] = []
    crossing: list[Piece] = []
    for piece in pieces:
        if piece.left < gutter < piece.right:
            yield from (group for group in (left, right) if group)
            left, right = [], []
            crossing.append(piece)
            continue
        if crossing:
            yield crossing
            crossing = []
        (left if piece.right <= gutter else right).append(piece)
    yield from (group for group in (crossing, left, right) if group)


def _joined(pieces: Sequence[Piece], number: int) -> Iterator[Line]:
    """Yield the lines that pieces at the same height make."""
    rows: list[list[Piece]] = []
    for piece in pieces:
        middle = (piece.top + piece.bottom) / 2
        if rows and rows[-1][0].bottom <= middle <= rows[-1][0].top:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    for row in rows:
        row.sort(key=lambda piece: piece.left)
        widest = max(row, key=lambda piece: len(piece.text))
        text = " ".join(piece.text.strip() for piece in row).translate(_LIGATURES)
        yield Line(
            page=number,
            text=" ".join(text.split()),
            left=row[0].left,
            right=max(piece.right for piece in row),
            bottom=min(piece.bottom for piece in row),
            top=max(piece.top for piece in row),
            size=widest.size,
            is_mono=all(piece.is_mono for piece in row),
        )
