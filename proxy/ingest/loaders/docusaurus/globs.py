"""Patterns of paths, as `exclude` has them in a site's configuration.

Source: https://github.com/micromatch/micromatch, of which sites use stars, braces and no more.
"""

import re
from collections.abc import Iterable
from typing import Any

_PART = re.compile(
    r"(?P<folders>\*\*/)|(?P<all>\*\*)|(?P<star>\*)|\{(?P<either>[^{}]*)\}|.", re.DOTALL
)


def matches_any(path: str, patterns: Iterable[Any]) -> bool:
    """Tell whether a path, from the folder of the docs, is meant by one of `patterns`."""
    return any(
        re.fullmatch(_expression(pattern), path) for pattern in patterns if isinstance(pattern, str)
    )


def _expression(pattern: str) -> str:
    return "".join(map(_part, _PART.finditer(pattern)))


def _part(match: re.Match[str]) -> str:
    match match.lastgroup:
        case "folders":
            return "(?:[^/]+/)*"
        case "all":
            return ".*"
        case "star":
            return "[^/]*"
        case "either":
            return f"(?:{'|'.join(map(_expression, match['either'].split(',')))})"
        case _:
            return re.escape(match[0])
