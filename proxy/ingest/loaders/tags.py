"""What is left of a JSX or HTML tag in text: usually nothing, sometimes a title or a border."""

import re
from collections.abc import Collection, Mapping

from proxy.ingest.loaders.jsx import Tag

VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta"))
VOID_OR_OPEN = VOID | frozenset(
    ("param", "source", "track", "wbr", "p", "li", "dt", "dd", "tr", "td", "th", "option")
)
"""HTML elements that need no end tag."""

_HIDING = re.compile(
    r"""display['"]?\s*:\s*['"]?none|visibility['"]?\s*:\s*['"]?hidden"""
    r"""|font-?size['"]?\s*:\s*['"]?0(?![.\d])|opacity['"]?\s*:\s*['"]?0(?:\.0+)?['"]?\s*(?:[;,}]|\Z)""",
    re.IGNORECASE,
)
OPAQUE = frozenset(("script", "style"))
"""Elements whose content is no text."""

_INLINE = frozenset(
    (
        *("a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i"),
        *("ins", "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strong", "sub"),
        *("sup", "time", "tt", "u", "var"),
    )
)
HEADING = re.compile(r"h([1-6])\Z")
_RAISED = re.compile(r"[-+\u2212]?\d")
_SPACES = frozenset(("br", "img", "input", "td", "th", "wbr"))
BARE_LINE = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?\Z")
"""A line that says nothing yet: blank, or only the mark of a list item or quote."""
_TAB = re.compile(
    r"""\{[^{}]*?\blabel\s*:\s*(?P<q>["'])(?P<label>.*?)(?P=q)[^{}]*?"""
    r"""\bvalue\s*:\s*(?P<r>["'])(?P<value>.*?)(?P=r)"""
)


def hides(tag: Tag) -> bool:
    """Tell whether readers never see what an HTML element holds."""
    if tag.is_closing or not tag.name[:1].islower():
        return False
    if tag.attributes.get("hidden", "no") in ("", "{true}", "hidden", "true"):
        return True
    return hides_by_style(tag.attributes.get("style", ""))


def hides_by_style(style: str) -> bool:
    """Tell whether a style, of HTML or of JSX, makes its element invisible."""
    return bool(style) and _HIDING.search(style) is not None


def is_markup(tag: Tag, closed: Collection[str]) -> bool:
    """Tell a tag from text in angle brackets: what nothing ever closes is a placeholder."""
    return tag.is_closing or tag.is_self_closing or tag.name in closed or tag.name in VOID_OR_OPEN


def is_exponent(text: str, tag: Tag) -> bool:
    """Tell whether a `<sup>` raises a number: without a mark, 10 to the 6th would become 106."""
    if tag.is_closing or _RAISED.match(text, tag.end) is None:
        return False
    before = text.rfind("<", 0, tag.end) - 1
    return before >= 0 and (text[before].isalnum() or text[before] in ")*_`$}")


def tab_labels(tabs: Tag) -> dict[str, str]:
    """Return labels by value, as older pages write them: `<Tabs values={[{label, value}, …]}>`."""
    found = _TAB.finditer(tabs.attributes.get("values", ""))
    return {match["value"]: match["label"] for match in found}


def bold_line(title: str) -> str:
    """Return the line under whose title content stands."""
    return f"**{title.replace('**', '')}**\n"


def left_of(tag: Tag, labels: Mapping[str, str], line_so_far: str, is_line_done: bool) -> str:  # noqa: FBT001 - a fact, not a switch
    """Return what stands in the place of a tag.

    `labels` are those of the tabs around it; `line_so_far` is the output's line before the tag;
    `is_line_done` says that nothing follows on it.
    """
    line = line_so_far.lstrip(" \t>")
    if line.startswith("#"):
        return ""  # a heading's anchor is made of its text and nothing else
    text = _alternative_text(tag)
    lead = _lead_of(tag, labels)
    said = _string_of(tag, "description")
    if text or lead or said:
        shown = [f"**{lead.replace('**', '')}**"] if lead else []
        shown += [said] if said else []
        in_text = (
            f" {' '.join(shown)} " if line.startswith("|") else "\n\n" + "\n\n".join((*shown, ""))
        )
        return text or in_text
    if tag.name in _INLINE or not tag.name[:1].islower():  # text may run on through components
        return ""
    if line.startswith("|") or tag.name in _SPACES:
        return " "
    if tag.is_closing:
        return "\n" if is_line_done else "\n\n"
    return "" if BARE_LINE.match(line_so_far) else "\n\n"


def _string_of(tag: Tag, name: str) -> str:
    """Return the text that a component has for an attribute, "" where it has none."""
    if tag.is_closing or not tag.name[:1].isupper():
        return ""
    text = tag.attributes.get(name, "").strip()
    return "" if text.startswith("{") else text


def _lead_of(tag: Tag, labels: Mapping[str, str]) -> str:
    """Return the title under which a component shows its content, "" where it has none."""
    names = ("label", "value") if tag.name == "TabItem" else ("label", "title")
    lead = next(filter(None, (_string_of(tag, name) for name in names)), "")
    return labels.get(lead, lead)


def _alternative_text(tag: Tag) -> str:
    """Return the text that stands for an image."""
    alt = "" if tag.is_closing else tag.attributes.get("alt", "")
    return "" if alt.startswith("{") else " ".join(alt.split())
