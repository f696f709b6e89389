"""Modules that import each other as one: a page elsewhere asks once, not forty times. Pure.

It knows the forms of import and export that our modules use, and refuses others: each module
becomes a function that is called once, in the order of need, and gives what it exports.
"""

import posixpath
import re
from collections.abc import Mapping
from typing import Final

_IMPORT: Final = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";', re.MULTILINE)
_LAZY: Final = re.compile(r'\bimport\("(\.[^"]+)"\)')
_EXPORT: Final = re.compile(
    r"^export (?=(?:(?:async )?function\*? |class |const )(\w+))", re.MULTILINE
)
_LEFT: Final = re.compile(r"^(?:import|export|await)\b.*$|^const .* = await\b.*$", re.MULTILINE)


class NotLinkable(Exception):
    """A module has a form that is not known here; the message has it."""


def link(entry: str, modules: Mapping[str, str]) -> str:
    """Return a module that exports what `entry` does, to be served from the folder of `entry`.

    What is imported later, by `import()`, stays a module of its own.

    Raises:
        NotLinkable: an import in a circle or of nothing, or a form that is not known.
    """
    order = _in_order_of_need(entry, modules)
    names = {path: f"module{number}" for number, path in enumerate(order)}
    parts = [_as_function(path, modules[path], names, posixpath.dirname(entry)) for path in order]
    exported = ", ".join(_EXPORT.findall(modules[entry]))
    return "\n".join([*parts, f"export const {{ {exported} }} = {names[entry]};\n"])


def _in_order_of_need(entry: str, modules: Mapping[str, str]) -> list[str]:
    order: list[str] = []
    above: list[str] = []

    def visit(path: str) -> None:
        if path in order:
            return
        if path in above or path not in modules:
            raise NotLinkable(f"{above[-1]} imports {path}, which is above it or nowhere")
        above.append(path)
        for found in _IMPORT.finditer(modules[path]):
            visit(_resolved(found[2], path))
        order.append(above.pop())

    above.append("a page")
    visit(entry)
    return order


def _as_function(path: str, text: str, names: Mapping[str, str], home: str) -> str:
    exported = ", ".join(_EXPORT.findall(text))

    def taken(found: re.Match[str]) -> str:
        wanted = found[1].replace(" as ", ": ")
        return f"const {{{wanted}}} = {names[_resolved(found[2], path)]};"

    def later(found: re.Match[str]) -> str:
        return f'import("./{posixpath.relpath(_resolved(found[1], path), home)}")'

    body = _LAZY.sub(later, _EXPORT.sub("", _IMPORT.sub(taken, text)))
    if left := _LEFT.search(body):
        raise NotLinkable(f"{path}: {left[0]}")
    return f"const {names[path]} = (() => {{\n{body}\nreturn {{ {exported} }};\n}})();"


def _resolved(address: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), address))
