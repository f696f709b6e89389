"""Small PDFs, written by hand: letters at places, an outline, nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text; lengths in points, from the bottom left of the page."""

    text: str
    left: float = 72
    bottom: float = 700
    size: float = 10
    is_mono: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of the outline."""

    title: str
    page: int
    top: float
    below: tuple["Mark", ...] = ()


_ENCODING = (
    "<< /Type /Encoding /BaseEncoding /WinAnsiEncoding"
    " /Differences [1 /fi 2 /fl 3 /bullet 4 /quoteright] >>"
)
_CODES = {"\ufb01": "\x01", "\ufb02": "\x02", "•": "\x03", "’": "\x04"}


def column(
    text: str, *, left: float = 72, top: float = 700, size: float = 10, leading: float = 12
) -> list[Text]:
    """Return the lines of `text`, one below the other."""
    return [
        Text(line, left, top - number * leading, size)
        for number, line in enumerate(text.split("\n"))
        if line
    ]


def pdf(pages: Sequence[Sequence[Text]], *, outline: Sequence[Mark] = (), title: str = "") -> bytes:
    """Return a PDF with these pages."""
    writer = _Writer()
    fonts = [
        writer.add(f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding {_ENCODING} >>")
        for name in ("Helvetica", "Courier")
    ]
    tree = writer.reserve()
    kids = [writer.page(page, tree, fonts) for page in pages]
    shown = " ".join(f"{kid} 0 R" for kid in kids)
    writer.fill(tree, f"<< /Type /Pages /Kids [{shown}] /Count {len(kids)} >>")
    root = f"<< /Type /Catalog /Pages {tree} 0 R"
    if outline:
        place = writer.reserve()
        children = writer.outline(outline, place, kids)
        writer.fill(place, f"<< /Type /Outlines {children} >>")
        root += f" /Outlines {place} 0 R"
    catalog = writer.add(root + " >>")
    info = writer.add(f"<< /Title ({title}) >>")
    return writer.finished(catalog, info)


class _Writer:
    """Numbers objects and writes them."""

    def __init__(self) -> None:
        self._objects: list[bytes] = []

    def add(self, text: str | bytes) -> int:
        number = self.reserve()
        self.fill(number, text)
        return number

    def reserve(self) -> int:
        self._objects.append(b"")
        return len(self._objects)

    def fill(self, number: int, text: str | bytes) -> None:
        self._objects[number - 1] = text if isinstance(text, bytes) else text.encode("latin-1")

    def page(self, texts: Sequence[Text], tree: int, fonts: Sequence[int]) -> int:
        parts = ["BT"]
        for text in texts:
            shown = "".join(_CODES.get(c, c) for c in text.text)
            shown = shown.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
            font = "F1" if text.is_mono else "F0"
            parts += [
                f"/{font} {text.size} Tf",
                f"1 0 0 1 {text.left} {text.bottom} Tm ({shown}) Tj",
            ]
        content = "\n".join((*parts, "ET")).encode("latin-1")
        stream = self.add(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content))
        names = " ".join(f"/F{n} {font} 0 R" for n, font in enumerate(fonts))
        return self.add(
            f"<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 612 792]"
            f" /Resources << /Font << {names} >> >> /Contents {stream} 0 R >>"
        )

    def outline(self, marks: Sequence[Mark], parent: int, pages: Sequence[int]) -> str:
        numbers = [self.reserve() for _ in marks]
        for at, (mark, number) in enumerate(zip(marks, numbers, strict=True)):
            beside = f" /Prev {numbers[at - 1]} 0 R" if at else ""
            beside += f" /Next {numbers[at + 1]} 0 R" if at + 1 < len(numbers) else ""
            below = self.outline(mark.below, number, pages) if mark.below else ""
            target = f"[{pages[mark.page]} 0 R /XYZ 0 {mark.top} null]"
            self.fill(
                number,
                f"<< /Title ({mark.title}) /Parent {parent} 0 R /Dest {target}{beside} {below} >>",
            )
        return f"/First {numbers[0]} 0 R /Last {numbers[-1]} 0 R /Count {len(numbers)}"

    def finished(self, catalog: int, info: int) -> bytes:
        data = b"%PDF-1.7\n"
        places: list[int] = []
        for number, body in enumerate(self._objects, start=1):
            places.append(len(data))
            data += b"%d 0 obj\n%b\nendobj\n" % (number, body)
        size = len(places) + 1
        table = "".join(f"{place:010} 00000 n \n" for place in places)
        return data + (
            f"xref\n0 {size}\n0000000000 65535 f \n{table}"
            f"trailer << /Size {size} /Root {catalog} 0 R /Info {info} 0 R >>\n"
            f"startxref\n{len(data)}\n%%EOF\n"
        ).encode("latin-1")
