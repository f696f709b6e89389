"""Patterns of paths, as `exclude` has them in a site's configuration.

Source: https://github.com/micromatch/micromatch, of which sites use stars, braces and no more.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

_PART = re.compile(
    r"(?P<folders>\*\*/)|(?P<all>\*\*)|(?P<star>\*)|\{(?P<either>[^{}]*)\}|.", re.DOTALL
)


def matches_any(path: str, patterns: Iterable[Any]) -> bool:
    """Tell whether a path, from the folder of the docs, is meant by one of `patterns`."""
    return any(
        len(path) in _ends(pattern, path, {0}) for pattern in patterns if isinstance(pattern, str)
    )


def _ends(pattern: str, path: str, starts: set[int]) -> set[int]:
    """Return where in `path` a match of `pattern` may end that begins at one of `starts`.

    All ways are followed at once: a regular expression would try each combination of the stars.
    """
    reached = starts
    for part in _PART.finditer(pattern):
        match part.lastgroup:
            case "folders":
                reached = _repeated(reached, lambda at: _after_folder(path, at))
            case "all":
                reached = set(range(min(reached, default=len(path) + 1), len(path) + 1))
            case "star":
                reached = _repeated(
                    reached, lambda at: at + 1 if path[at : at + 1] not in ("", "/") else None
                )
            case "either":
                options = part["either"].split(",")
                reached = {end for option in options for end in _ends(option, path, reached)}
            case _:
                reached = {at + 1 for at in reached if path.startswith(part[0], at)}
    return reached


def _after_folder(path: str, at: int) -> int | None:
    slash = path.find("/", at)
    return slash + 1 if slash > at else None


def _repeated(starts: set[int], step: Callable[[int], int | None]) -> set[int]:
    """Return `starts` and all that is reached from them by one step or more."""
    reached: set[int] = set()
    for start in starts:
        at: int | None = start
        while at is not None and at not in reached:
            reached.add(at)
            at = step(at)
    return reached
