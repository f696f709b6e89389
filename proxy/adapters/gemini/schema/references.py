"""Where the references of a JSON Schema lead, and which of them lead back to themselves.

Only positions that reach Gemini are walked: an external reference inside a keyword that is left
out anyway harms nobody.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import unquote

from proxy.errors import InvalidRequest

Schema = dict[str, Any]

_MAX_NODES = 10_000
"""Of a whole document: above it nothing but an attack is left."""
_MAX_NAME_CHARS = 64
_MAPS = frozenset({"properties", "patternProperties"})
_LISTS = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
_SINGLES = frozenset({"items", "additionalItems", "additionalProperties"})


def as_schema(value: object) -> Schema:
    """Return a JSON value as a schema; what is none allows anything."""
    return cast("Schema", value) if isinstance(value, dict) else {}


def listed(value: object) -> list[Any]:
    """Return a JSON value as a list; what is none has no members."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def names_in(value: object) -> list[str]:
    """Return the names in a list, as `required` is one."""
    return [name for name in listed(value) if isinstance(name, str)]


def subschemas(schema: Mapping[str, Any]) -> Iterator[Schema]:
    """Yield the schemas directly in `schema`, never the values of `enum`, `const`, `default`."""
    for keyword, value in schema.items():
        if keyword in _MAPS:
            yield from map(as_schema, as_schema(value).values())
        elif keyword in _SINGLES and isinstance(value, dict):
            yield cast("Schema", value)
        elif keyword in _LISTS or keyword in _SINGLES:
            yield from map(as_schema, listed(cast("object", value)))


class Definitions:
    """The definitions that stay in a cleaned schema, by the names they have there.

    Iterating over `nodes` goes on with those that are added meanwhile.
    """

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        """By `id()` of the schema, which its document keeps alive."""
        self.nodes: list[tuple[str, Schema]] = []

    def name(self, reference: str, node: Schema) -> str:
        """Return the name of what `reference` means, the one it has where that can be sent."""
        if (known := self._names.get(id(node))) is not None:
            return known
        last = unquote(reference.rpartition("/")[2]).lstrip("#") or "root"
        stem = "".join(
            c if c.isascii() and (c.isalnum() or c in "_.-") else "_"
            for c in last[:_MAX_NAME_CHARS]
        )
        taken = {name for name, _ in self.nodes}
        name, again = stem, 2
        while name in taken:
            name, again = f"{stem}_{again}", again + 1
        self._names[id(node)] = name
        self.nodes.append((name, node))
        return name


class References:
    """The references of one document."""

    def __init__(self, document: Schema, where: str) -> None:
        """Read the document.

        Raises:
            InvalidRequest: it is too large, or a reference leads out of it or nowhere.
        """
        self._document = document
        self._where = where
        base = document.get("$id")
        self._base = base.removesuffix("#") if isinstance(base, str) else ""
        self._targets: dict[str, Schema] = {}
        """By reference; also keeps the nodes alive that are told apart by `id()`."""
        self._anchors: dict[str, Schema] | None = None
        self._recursive: set[int] = set()
        edges = self._edges()
        self.size = len(edges)
        """How many schemas there are."""
        self.is_empty = not self._targets
        """Whether there is no reference at all."""
        if not self.is_empty:
            self._recursive = _on_cycles(edges)

    def is_recursive(self, node: Schema) -> bool:
        """Whether a node of the document contains itself, by way of references."""
        return id(node) in self._recursive

    def target(self, reference: str) -> Schema:
        """Return what is meant; a chain of bare references counts as one.

        Raises:
            InvalidRequest: it leads out of the document, nowhere, or to itself only.
        """
        if (known := self._targets.get(reference)) is not None:
            return known
        node, seen = self._node(reference), {reference}
        while isinstance(further := node.get("$ref"), str):
            if further in seen:
                raise self._wrong(f"{reference!r:.100} refers to nothing but itself")
            seen.add(further)
            if len(node) > 1:
                break
            node = self._node(further)
        self._targets[reference] = node
        return node

    def _node(self, reference: str) -> Schema:
        local = reference.removeprefix(self._base) if self._base else reference
        if local in {"", "#"}:
            return self._document
        if not local.startswith("#"):
            raise self._wrong(
                f"references out of the schema cannot be followed: {reference!r:.100}"
            )
        fragment = unquote(local[1:])
        node: Any = (
            _at(self._document, fragment) if fragment.startswith("/") else self._anchor(fragment)
        )
        if isinstance(node, bool):
            return {} if node else {"not": {}}
        if not isinstance(node, dict):
            raise self._wrong(f"{reference!r:.100} refers to nothing in the schema")
        return cast("Schema", node)

    def _anchor(self, name: str) -> Schema | None:
        if self._anchors is None:
            self._anchors = {}
            waiting = [self._document]
            while waiting:
                node = waiting.pop()
                for keyword in ("$anchor", "$id", "id"):
                    if isinstance(anchor := node.get(keyword), str):
                        self._anchors.setdefault(anchor.removeprefix("#"), node)
                for keyword in ("$defs", "definitions"):
                    waiting += map(as_schema, as_schema(node.get(keyword)).values())
                waiting += subschemas(node)
        return self._anchors.get(name)

    def _edges(self) -> dict[int, list[int]]:
        """Return, for every schema that counts, those it contains or refers to."""
        edges: dict[int, list[int]] = {}
        waiting = [self._document]
        while waiting:
            node = waiting.pop()
            if id(node) in edges:
                continue
            if len(edges) >= _MAX_NODES:
                raise self._wrong(f"more than {_MAX_NODES} schemas in one")
            below = list(subschemas(node))
            if isinstance(reference := node.get("$ref"), str):
                below.append(self.target(reference))
            edges[id(node)] = [id(child) for child in below if child]
            waiting += (child for child in below if child)
        return edges

    def _wrong(self, what: str) -> InvalidRequest:
        return InvalidRequest(
            f"Invalid JSON Schema: {what}.", param=self._where, code="invalid_json_schema"
        )


def _at(document: Schema, pointer: str) -> Any:
    """Return what a JSON pointer means, None where there is nothing.

    `definitions` and `$defs` stand for each other: half-converted schemas mix them up.
    """
    node: Any = document
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(node, list):
            items = cast("list[Any]", node)
            node = items[int(name)] if name.isdecimal() and int(name) < len(items) else None
            continue
        members = as_schema(node)
        other = {"$defs": "definitions", "definitions": "$defs"}.get(name, name)
        node = members.get(name, members.get(other))
    return node


def _on_cycles(edges: Mapping[int, list[int]]) -> set[int]:
    """Return the nodes that can reach themselves (Tarjan's algorithm, without recursion)."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    open_nodes: list[int] = []
    is_open: set[int] = set()
    found: set[int] = set()
    for start in edges:
        work = [] if start in index else [(start, iter(edges[start]))]
        if work:
            index[start] = low[start] = len(index)
            open_nodes.append(start)
            is_open.add(start)
        while work:
            node, children = work[-1]
            child = next((c for c in children if c not in index or c in is_open), None)
            if child is None:
                work.pop()
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[node])
                if low[node] == index[node]:
                    found |= _component(node, open_nodes, is_open, edges)
            elif child in index:
                low[node] = min(low[node], index[child])
            else:
                index[child] = low[child] = len(index)
                open_nodes.append(child)
                is_open.add(child)
                work.append((child, iter(edges[child])))
    return found


def _component(
    root: int, open_nodes: list[int], is_open: set[int], edges: Mapping[int, list[int]]
) -> set[int]:
    """Take the strongly connected component of `root` off the stack; empty if it is no cycle."""
    component: set[int] = set()
    while root not in component:
        component.add(open_nodes.pop())
    is_open -= component
    return component if len(component) > 1 or root in edges[root] else set()
