"""Whether a page is MDX, and MDX that is wrapped up as code."""

import re

_MDX_SIGN = re.compile(
    r"""^(?:import\s[^\n]*["'];?[ \t]*$|import\s*\{\s*$|export\s+(?:default|const|function)\s)"""
    r"""|</[A-Z][\w.]*>|<[A-Z][\w.]*\s?(?:[^<>]*\s)?/>|\{/\*""",
    re.MULTILINE,
)
_ALL_FENCES = re.compile(r"^[ \t>]*(`{3,}|~{3,}).*?^[ \t>]*\1", re.DOTALL | re.MULTILINE)
_WRAPPED_MDX = re.compile(r"^[ \t]*(`{3,})mdx-code-block\b[^\n]*\n", re.MULTILINE)
"""MDX in a fence, so that other Markdown tools leave it alone; Docusaurus takes the fence off."""


def is_mdx(text: str) -> bool:
    """Tell whether a page uses MDX, whatever its file is called; Docusaurus reads `.md` so too."""
    return bool(_MDX_SIGN.search(text)) and bool(_MDX_SIGN.search(_ALL_FENCES.sub("", text)))


def unwrapped(text: str) -> str:
    """Return the text without the fences around MDX; those that nothing closes stay."""
    kept: list[str] = []
    position = 0
    never_closed: set[str] = set()
    for opening in _WRAPPED_MDX.finditer(text):
        fence = opening[1]
        if opening.start() < position or fence in never_closed:
            continue
        closing = re.compile(rf"^[ \t]*{fence}[ \t]*$", re.MULTILINE).search(text, opening.end())
        if closing is None:
            never_closed.add(fence)
            continue
        kept += (text[position : opening.start()], text[opening.end() : closing.start()])
        position = closing.end()
    return "".join((*kept, text[position:]))
