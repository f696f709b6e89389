"""The block of fields at the head of a page: YAML, or TOML as Hugo and Zola write it.

Source: gray-matter, which Docusaurus reads it with: `---` on the very first line opens it and the
next line of `---` closes it. TOML stands between lines of `+++`.
"""

import re
import tomllib
from collections.abc import Mapping
from typing import Any, cast

import yaml

from proxy.ingest.loaders.base import UnreadableSource

_BLOCK = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_TOML_BLOCK = re.compile(r"\A\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_MAX_DEPTH = 50
_UNREADABLE_VALUES = (ValueError, RecursionError, LookupError, AttributeError, ArithmeticError)
"""What the YAML library lets through of `!!bool x`, `!!timestamp x` and numbers without end."""
_SAFE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def split_front_matter(text: str) -> tuple[Mapping[str, Any], str]:
    """Return the front matter, empty where there is none, and the page below it.

    Raises:
        UnreadableSource: the block is not a YAML mapping, or no TOML; says in which line.
    """
    toml_block = _TOML_BLOCK.match(text)
    if toml_block is not None:
        return _toml_fields(toml_block[1]), text[toml_block.end() :]
    block = _BLOCK.match(text)
    if block is None:
        return {}, text
    try:
        if _is_too_deep(block[1]):
            raise UnreadableSource(f"front matter is nested more than {_MAX_DEPTH} deep")
        # A safe loader, only the C one where PyYAML was built with it.
        matter: object = yaml.load(block[1], Loader=_SAFE_LOADER)  # noqa: S506
    except yaml.YAMLError as exc:
        raise UnreadableSource(f"front matter is not valid YAML{_place(exc)}") from exc
    except _UNREADABLE_VALUES as exc:  # 2024-13-45 is a date to YAML, and none
        raise UnreadableSource(f"front matter is not valid YAML ({exc})") from exc
    if matter is not None and not isinstance(matter, dict):
        raise UnreadableSource("front matter is not a list of `name: value` lines")
    fields = cast("dict[object, Any]", matter or {})
    return {str(name): value for name, value in fields.items()}, text[block.end() :]


def _toml_fields(text: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as exc:  # an integer may have too many digits
        raise UnreadableSource(f"front matter is not valid TOML ({exc})") from exc


def _is_too_deep(text: str) -> bool:
    """Tell whether values stand too deep within each other.

    The C loader builds them by recursion, without a limit of its own, and would take the process
    down; its parser, which is asked here, does not recurse.
    """
    if sum(map(text.count, "[{-?:")) < _MAX_DEPTH:
        return False
    depth = 0
    for event in yaml.parse(text, Loader=_SAFE_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _MAX_DEPTH:
            return True
    return False


def text_field(matter: Mapping[str, Any], name: str) -> str | None:
    """Return a field as text, None where it is absent or holds no single value."""
    value = matter.get(name)
    if value is None or isinstance(value, list | dict):
        return None
    return str(value).strip()


def _place(error: yaml.YAMLError) -> str:
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return ""
    # The mark counts from 0 within the block, which begins on the file's second line.
    return f", line {error.problem_mark.line + 2}: {error.problem}"
