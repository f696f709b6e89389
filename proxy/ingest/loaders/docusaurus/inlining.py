"""What stands in the place of a page's imports and of the values that it names.

`<Part name="x" />` becomes the page that `Part` was imported from, its headings with the anchors
they have there; `{props.name}`, `{frontMatter.title}` and `{constant}` become their text.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from proxy.ingest.loaders.base import Source, UnreadableSource, decode_text
from proxy.ingest.loaders.docusaurus.partials import Imported, imports_of

_NAME = re.compile(r"\{\s*([A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)?)\s*\}\Z")
_CONSTANT = re.compile(
    r"""^export\s+const\s+(?P<name>[A-Za-z_$][\w$]*)\s*(?::[^=\n]+)?=\s*"""
    r"""(?:"(?P<double>[^"\\\n]*)"|'(?P<single>[^'\\\n]*)'|`(?P<back>[^`\\$]*)`|(?P<number>\d[\d.]*))"""
    r"""\s*;?[ \t]*$""",
    re.MULTILINE,
)
_MAX_DEPTH = 8
_MAX_CHARS = 2_000_000
"""Inlined into one page, all parts together."""
_MAX_PARTS = 1_000
"""Inlined into one page, those within others too."""

Render = Callable[[str, "Inlining"], str]
"""From the MDX of a part to its Markdown, each heading with an explicit anchor."""


@dataclass(slots=True)
class _Room:
    """How much may still be inlined."""

    chars: int = _MAX_CHARS
    parts: int = _MAX_PARTS


@dataclass(frozen=True)
class Inlining:
    """What the names in one file stand for."""

    render: Render
    source: Source
    path: str
    """Of the file, as `Beside` has paths."""
    site_folder: str
    text: str
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    """By name, such as `frontMatter.title`."""
    above: tuple[str, ...] = ()
    """The files that this one is inlined into."""
    room: _Room = field(default_factory=_Room)

    def part(self, name: str, attributes: Mapping[str, str]) -> str | None:
        """Return the Markdown of what was imported as `name`, None where that is no page."""
        imported = self._imports.get(name)
        if imported is None or imported.is_raw:
            return None
        chain = (*self.above, self.path)
        self.room.parts -= 1
        if self.room.parts < 0:
            return ""
        if imported.path in chain or len(chain) > _MAX_DEPTH or self.room.chars <= 0:
            return ""
        try:
            text = decode_text(imported.data)
        except UnreadableSource:
            return ""
        props = {f"props.{key}": value for key, value in attributes.items()}
        markdown = self.render(
            text,
            Inlining(
                self.render,
                self.source,
                imported.path,
                self.site_folder,
                text,
                props,
                chain,
                self.room,
            ),
        )
        self.room.chars -= len(markdown)
        return markdown

    def value(self, expression: str) -> str | None:
        """Return the text that an expression in braces stands for, None where that is unknown."""
        match = _NAME.match(expression)
        if match is None:
            return None
        if match[1] in self.values:
            return self.values[match[1]]
        return self._constants.get(match[1])

    def code(self, expression: str) -> str | None:
        """Return the file that an expression in braces shows as it is, None where it shows none."""
        match = _NAME.match(expression)
        imported = match and self._imports.get(match[1])
        if not imported or not imported.is_raw:
            return None
        try:
            return decode_text(imported.data)
        except UnreadableSource:
            return None

    @cached_property
    def _imports(self) -> Mapping[str, Imported]:
        return imports_of(self.text, self.path, self.source, self.site_folder)

    @cached_property
    def _constants(self) -> Mapping[str, str]:
        return {
            match["name"]: match[match.lastgroup or "number"]
            for match in _CONSTANT.finditer(self.text)
        }
