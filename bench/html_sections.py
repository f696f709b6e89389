"""Turns the pages of a Sphinx manual into heading sections of simple Markdown, roughly.

Called by `bench/offline_reader.py`. Enough to ask a manual questions; the real loaders are in
`proxy/ingest`.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_SKIPPED = ("script", "style", "nav", "footer", "title")
_BLOCKS = ("p", "li", "dt", "dd", "pre", "table", "tr", "div", "section", *_HEADINGS)


@dataclass
class HtmlSection:
    """One heading with the Markdown below it."""

    headings: list[str]
    blocks: list[str] = field(default_factory=list[str])


class SectionReader(HTMLParser):
    """Collects the sections of one page."""

    def __init__(self) -> None:
        super().__init__()
        self.sections: list[HtmlSection] = []
        self._path: list[str] = []
        self._open: list[str] = []
        self._text = ""
        self._prefix = ""
        self._is_hidden_link = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a block, a code span or a skipped part."""
        if tag in ("br", "img", "input", "link", "meta", "hr", "col"):
            return
        self._open.append(tag)
        if tag == "a" and "headerlink" in (dict(attrs).get("class") or ""):
            self._is_hidden_link = True
        elif tag == "code":
            self._text += "`"
        elif tag in _BLOCKS:
            self._flush()
            self._prefix = {"li": "- ", "dt": "- ", "dd": "  "}.get(tag, self._prefix)

    def handle_endtag(self, tag: str) -> None:
        """End a block, a code span or a skipped part."""
        if tag == "code":
            self._text += "`"
        elif tag == "a":
            self._is_hidden_link = False
        elif tag == "pre":
            self._flush(code=True)
        elif tag in _HEADINGS:
            self._heading(int(tag[1]))
        elif tag in _BLOCKS:
            self._flush()
            self._prefix = "" if tag in ("li", "dd", "dt") else self._prefix
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Take the text that a reader sees."""
        if not self._is_hidden_link and not any(tag in _SKIPPED for tag in self._open):
            self._text += data

    def _heading(self, level: int) -> None:
        title = re.sub(r"^[\d.]+\s+|`", "", " ".join(self._text.split()))
        self._text = ""
        self._path = [*self._path[: level - 1], title]
        self.sections.append(HtmlSection(list(self._path)))

    def _flush(self, *, code: bool = False) -> None:
        text, self._text = self._text, ""
        if not text.strip() or not self.sections:
            return
        if code:
            text = text.strip("\n")
            block = f"```\n{text}\n```"
        else:
            block = self._prefix + " ".join(text.split())
        blocks = self.sections[-1].blocks
        if self._prefix == "  " and blocks and blocks[-1].startswith("- "):
            blocks[-1] = f"{blocks[-1].rstrip(':')}: {block.strip()}"
            self._prefix = "   "
        else:
            blocks.append(block)
        if self._prefix == "- ":
            self._prefix = "  "
