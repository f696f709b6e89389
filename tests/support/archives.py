"""Small EPUBs and other archives, made on the spot."""

import io
import zipfile
from collections.abc import Mapping

_CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OPS/package.opf"/></rootfiles></container>'
)


def archive(members: Mapping[str, str | bytes]) -> bytes:
    """Return a ZIP archive of `members`."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return made.getvalue()


def epub(pages: Mapping[str, str | bytes], **others: str | bytes) -> bytes:
    """Return an EPUB whose spine has `pages`, by href; `others` replace or add members."""
    items = "".join(
        f'<item id="i{n}" href="{href}" media-type="application/xhtml+xml"/>'
        for n, href in enumerate(pages)
    )
    nav = '<item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
    spine = "".join(f'<itemref idref="i{n}"/>' for n in range(len(pages)))
    package = (
        f'<package xmlns="http://www.idpf.org/2007/opf"><manifest>{items}{nav}</manifest>'
        f'<spine><itemref idref="n"/>{spine}<itemref idref="unknown"/></spine></package>'
    )
    members: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": _CONTAINER,
        "OPS/package.opf": package,
        "OPS/nav.xhtml": "<html><body>contents</body></html>",
    }
    members |= {f"OPS/{href.replace('%20', ' ')}": data for href, data in pages.items()}
    return archive({**members, **others})
