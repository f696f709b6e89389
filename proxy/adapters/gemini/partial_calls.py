"""Function calls that arrive in pieces (`partialArgs`), put together again.

Nobody here asks for them, but an upstream may be set up to send them: the name first, then values
by JSON path, strings in several pieces, and an empty call as the end.

Source: streams recorded with `streamFunctionCallArguments` on Vertex AI (2026).
"""

import re
from itertools import pairwise
from typing import Any

_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d{1,4})\]|\['([^']*)'\]|\[\"([^\"]*)\"\]")
_MAX_PIECES = 100_000
_SCALARS = ("numberValue", "boolValue")


class PartialCalls:
    """Takes the calls of one answer; whole ones pass, pieces wait for their end."""

    def __init__(self) -> None:
        self._open: dict[str, Any] | None = None
        self._signature: Any = None
        self._pieces = 0

    def feed(self, call: dict[str, Any], signature: Any) -> tuple[dict[str, Any], Any] | None:
        """Return a call that is complete now, with its signature; None while it is not.

        Raises:
            IndexError, KeyError, TypeError, ValueError: a piece belongs nowhere.
        """
        if self._open is None:
            if not call.get("willContinue"):
                return (call, signature) if call.get("name") else None
            self._open, self._signature, self._pieces = {**call, "args": {}}, signature, 0
        self._pieces += 1
        if self._pieces > _MAX_PIECES:
            raise ValueError("too many pieces of one call")
        for piece in call.get("partialArgs") or ():
            _put(self._open["args"], piece)
        self._signature = self._signature or signature
        if call.get("willContinue"):
            return None
        made, self._open = self._open, None
        return made, self._signature


def _put(arguments: dict[str, Any], piece: dict[str, Any]) -> None:
    """Write one value where its path says; a string goes on where one stands already."""
    steps = _steps(piece["jsonPath"])
    place: Any = arguments
    for step, following in pairwise(steps):
        place = _child(place, step, [] if isinstance(following, int) else {})
    last = steps[-1]
    if isinstance(text := piece.get("stringValue"), str):
        place[last] = _child(place, last, "") + text
    else:
        _child(place, last, next((piece[name] for name in _SCALARS if name in piece), None))


def _steps(path: str) -> list[str | int]:
    steps: list[str | int] = []
    at = 1 if path.startswith("$") else 0
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            raise ValueError("not a JSON path")
        name, index, single, double = match.groups()
        steps.append(int(index) if index is not None else name or single or double or "")
        at = match.end()
    if not steps:
        raise ValueError("a path to nothing")
    return steps


def _child(place: Any, step: str | int, default: Any) -> Any:
    """Return what stands at `step`, after putting `default` there if nothing does."""
    if isinstance(place, list) and isinstance(step, int):
        if step == len(place):  # pyright: ignore[reportUnknownArgumentType] - JSON
            place.append(default)  # pyright: ignore[reportUnknownMemberType] - JSON
        return place[step]  # pyright: ignore[reportUnknownVariableType] - JSON
    if isinstance(place, dict) and isinstance(step, str):
        return place.setdefault(step, default)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - JSON
    raise ValueError("a path through what it does not fit")
