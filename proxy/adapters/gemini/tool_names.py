"""Names of tools that Gemini takes, and the way back.

Gemini: a letter or `_` first, then letters, digits, `_.:-`, at most 128. OpenAI's may begin with a
digit or a hyphen; those get a `_` in front, and lose it on the way back.
"""

import re

_MAX_CHARS = 128
_UPSTREAM = re.compile(rf"[A-Za-z_][A-Za-z0-9_.:-]{{0,{_MAX_CHARS - 1}}}")
_UNFIT = re.compile(r"[^A-Za-z0-9_.:-]")


class ToolNames:
    """The names of one request's tools; no two of them become one."""

    def __init__(self) -> None:
        self._upstream: dict[str, str] = {}
        self._originals: dict[str, str] = {}

    def upstream(self, name: str) -> str:
        """Return what Gemini is told, always the same for a name."""
        if (known := self._upstream.get(name)) is not None:
            return known
        stem = name if _UPSTREAM.fullmatch(name) else f"_{_UNFIT.sub('_', name)}"[:_MAX_CHARS]
        alias, again = stem, 2
        while alias in self._originals:
            ending = f"_{again}"
            alias, again = stem[: _MAX_CHARS - len(ending)] + ending, again + 1
        self._upstream[name] = alias
        self._originals[alias] = name
        return alias

    def original(self, name: str) -> str:
        """Return what the client called it; a name the model made up stays as it is."""
        return self._originals.get(name, name)
