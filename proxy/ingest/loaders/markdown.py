"""Markdown and MDX pages as Docusaurus publishes them.

markdown-it-py reads the blocks of a page once, after `mdx.py` took out what is not Markdown; only
the text of headings is read further, for their anchors. Headings within lists and quotes have
anchors too, but begin no section.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any, cast

from markdown_it import MarkdownIt

from proxy.corpus import Document, Section
from proxy.ingest.loaders.base import Skipped, Source, decode_text
from proxy.ingest.loaders.docusaurus.inlining import Inlining
from proxy.ingest.loaders.docusaurus.page import place_of
from proxy.ingest.loaders.front_matter import split_front_matter, text_field
from proxy.ingest.loaders.mdx import ONLY_IN_ANCHOR, Unseen, to_markdown
from proxy.ingest.loaders.mdx_form import is_mdx
from proxy.ingest.loaders.slugs import Slugger

# Tags that are left after mdx.py are text in angle brackets, so HTML is off.
# Beyond its nesting limit markdown-it drops the rest of the page: 20 are ten lists.
_OPTIONS = {"html": False, "maxNesting": 100}
_PLAIN = MarkdownIt("commonmark", _OPTIONS).disable(["inline", "text_join"])
# MDX has no indented code: indentation there is what JSX elements are laid out with.
_MDX = MarkdownIt("commonmark", _OPTIONS).disable(["inline", "text_join", "code"])
_INLINE = MarkdownIt("commonmark", _OPTIONS).enable("strikethrough")

_EXPLICIT_ID = re.compile(r"\s*\{#((?:.(?!\{#|\}))*.)\}\Z")
_TAG = re.compile(r"<[^<>]*>")
_LEAD = re.compile(r"\*\*[^*\n]+\*\*[ \t]*\Z")
_BLANK_OR_RULE = re.compile(r"[ \t]*(?:-{3,}|\*{3,}|_{3,})?[ \t]*\Z")
_INLINE_MARKS = re.compile(r"[\\`*_\[\]<&!~:\n]")
_NOT_IN_ANCHORS = re.compile(
    r"(?<!:):[A-Za-z](?:[\w-]*\w)?(?![\w:-])(?:\[(?P<label>[^\[\]]*)\])?(?:\{[^{}]*\})?"
    r"|\[\^[^\s\[\]]+\]"
)
"""Text directives (`:name[label]`) and footnote marks: only the label counts in anchors."""
_NOT_SHOWN = re.compile(f"{ONLY_IN_ANCHOR}[^{ONLY_IN_ANCHOR}]*{ONLY_IN_ANCHOR}")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a page."""

    level: int
    text: str
    anchor: str
    first_line: int
    """Index of its first line in the page's Markdown."""
    end_line: int
    """Index of the line behind it."""
    begins_section: bool
    is_explicit: bool


def load(source: Source) -> Document | Skipped:
    """Return the page in a `.md` or `.mdx` file.

    Raises:
        UnreadableSource: not text, or its front matter is broken.
    """
    document_id = source.document_id
    matter, page = split_front_matter(decode_text(source.data))
    if matter.get("draft") is True:
        return Skipped("a draft")
    if not page.strip():
        return Skipped("empty")
    place = place_of(source, matter)
    if place.is_excluded:
        return Skipped("left out by the site's configuration")
    mdx = _is_mdx(document_id, matter, page, is_of_site=place.site is not None)
    values = {f"frontMatter.{name}": text_field(matter, name) for name in matter}
    inlining = Inlining(
        render=_rendered_part,
        source=source,
        path=place.path,
        site_folder=place.site.folder if place.site else "",
        text=page,
        values={name: value for name, value in values.items() if value is not None},
    )
    unseen = Unseen()
    markdown = to_markdown(page, mdx=mdx, inlining=inlining, unseen=unseen)
    headings = list(_headings(markdown, mdx=mdx))
    title = _title(document_id, text_field(matter, "title"), headings)
    return Document(
        document_id=document_id,
        title=title,
        route=place.route,
        sections=tuple(_sections(place.above, title, markdown, headings)),
        chapter_path="" if place.above else place.own,
        hidden=tuple(filter(None, map(_without_tags, unseen.hidden))),
        comments=tuple(unseen.comments),
    )


def _without_tags(text: str) -> str:
    return " ".join(_TAG.sub(" ", text).split())


def plain_headings(markdown: str) -> list[Heading]:
    """Return the headings of plain Markdown that begin a section, in order."""
    return [heading for heading in _headings(markdown, mdx=False) if heading.begins_section]


def _is_mdx(document_id: str, matter: Mapping[str, Any], page: str, *, is_of_site: bool) -> bool:
    """Tell whether braces, `import` and tags have a meaning in a page."""
    options: Any = matter.get("mdx")
    if isinstance(options, dict):
        named = cast("dict[str, Any]", options).get("format")
        if named in ("md", "mdx"):
            return named == "mdx"
    return document_id.lower().endswith(".mdx") or is_of_site or is_mdx(page)


def _rendered_part(text: str, inlining: Inlining) -> str:
    """Return the Markdown of a part, whose headings keep the anchors that they have there."""
    page = split_front_matter(text)[1]
    markdown = to_markdown(page, mdx=True, inlining=inlining)
    lines = markdown.split("\n")
    for heading in _headings(markdown, mdx=True):
        last = heading.end_line - 1
        if lines[last].strip() and not heading.is_explicit:
            # A setext heading's id goes to the end of its text, the line above the underline.
            at = last - (not lines[heading.first_line].lstrip(" >").startswith("#"))
            lines[at] = f"{lines[at].rstrip(' #')} {{#{heading.anchor}}}"
    return "\n".join(lines)


def _title(document_id: str, front_title: str | None, headings: Sequence[Heading]) -> str:
    if front_title:
        return front_title
    if headings and headings[0].level == 1 and headings[0].text:
        return headings[0].text
    return PurePosixPath(document_id).stem


def _headings(markdown: str, *, mdx: bool) -> Iterator[Heading]:
    """Yield the page's headings in order."""
    references: dict[str, Any] = {}
    tokens = (_MDX if mdx else _PLAIN).parse(markdown, references)
    slugger = Slugger()
    for opening, content in pairwise(tokens):
        if opening.type != "heading_open" or opening.map is None:
            continue
        explicit = _EXPLICIT_ID.search(content.content)
        source = content.content[: explicit.start()] if explicit else content.content
        text, named = _heading_text(source, references)
        anchor = explicit[1].strip() if explicit else slugger.unique(named)
        level = int(opening.tag[1:])
        yield Heading(
            level=level,
            text=" ".join(text.split()),
            # Docusaurus counts the title's anchor among those taken, but renders none.
            anchor=anchor if level > 1 else "",
            first_line=opening.map[0],
            end_line=opening.map[1],
            begins_section=opening.level == 0,
            is_explicit=explicit is not None,
        )


def _heading_text(source: str, references: dict[str, Any]) -> tuple[str, str]:
    """Return a heading's plain text, and that of it which its anchor is made of."""
    if ONLY_IN_ANCHOR in source:
        visible = _heading_text(_NOT_SHOWN.sub("", source), references)[0]
        return visible, _heading_text(source.replace(ONLY_IN_ANCHOR, ""), references)[1]
    if not _INLINE_MARKS.search(source):
        return source, source
    (inline,) = _INLINE.parseInline(source, references)
    shown: list[str] = []
    named: list[str] = []
    for token in inline.children or ():
        text = "\n" if token.type == "softbreak" else token.content
        shown.append(text)
        named.append(_NOT_IN_ANCHORS.sub(r"\g<label>", text) if token.type == "text" else text)
    return "".join(shown), "".join(named)


def _sections(
    above: Sequence[str], title: str, markdown: str, headings: Sequence[Heading]
) -> Iterator[Section]:
    """Yield the text above the first heading, if any, and then one section per heading."""
    lines = markdown.split("\n")
    borders = list(_borders(headings))
    border_lines = {border.first_line for border in borders}
    for heading in headings:
        if heading.first_line not in border_lines:
            at = heading.end_line - 1
            lines[at] = _EXPLICIT_ID.sub("", lines[at])
    ends = [heading.first_line for heading in borders[1:]] + [len(lines)]
    intro, lead = _body(lines[: borders[0].first_line if borders else None])
    if intro or not borders:
        yield Section((*above, title), "", intro if borders else f"{intro}\n\n{lead}".strip("\n"))
    open_headings: list[Heading] = []
    for heading, end in zip(borders, ends, strict=False):
        while open_headings and open_headings[-1].level >= heading.level:
            open_headings.pop()
        open_headings.append(heading)
        path = [title, *(shown.text for shown in open_headings if shown.text)]
        if len(path) > 1 and path[1] == title and open_headings[0].level == 1:
            path.pop(0)
        body, next_lead = _body(lines[heading.end_line : end])
        if heading is borders[-1]:
            body = f"{body}\n\n{next_lead}"
        yield Section((*above, *path), heading.anchor, f"{lead}\n\n{body}".strip("\n"))
        lead = next_lead


def _borders(headings: Sequence[Heading]) -> Iterator[Heading]:
    """Yield the headings that begin a section.

    An anchor leads to the first heading that has it; what is below a later one (of a partial that
    stands on a page twice) belongs to the section before.
    """
    taken: set[str] = set()
    for heading in headings:
        if heading.begins_section and heading.anchor not in taken:
            yield heading
        if heading.anchor:
            taken.add(heading.anchor)


def _body(lines: Sequence[str]) -> tuple[str, str]:
    """Return the text of a section, and the bold lines at its end that introduce the next.

    Those are the labels of tabs whose content begins with a heading. A rule that parts a section
    from the next says nothing.
    """
    end = len(lines)
    while end and _BLANK_OR_RULE.match(lines[end - 1]):
        end -= 1
    start = end
    while start and (not lines[start - 1].strip() or _LEAD.match(lines[start - 1])):
        start -= 1
    lead = "\n".join(lines[start:end]).strip("\n")
    return "\n".join(lines[:start]).strip("\n").rstrip(), lead
