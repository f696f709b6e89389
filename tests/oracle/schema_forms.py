"""Two forms of one JSON Schema made one: what the table of differences does to schemas.

Written from JSON Schema's own meaning, without looking at how the adapter cleans.
"""

from collections.abc import Callable
from typing import Any, cast

Schema = dict[str, Any]
Change = Callable[[Schema], Schema]


def changed(change: Change) -> Callable[[dict[str, Any]], None]:
    """Return what applies `change` to every schema of a body."""

    def apply(body: dict[str, Any]) -> None:
        config = body.get("generationConfig", {})
        if "responseJsonSchema" in config:
            config["responseJsonSchema"] = change(config["responseJsonSchema"])
        for tool in body.get("tools", ()):
            for declaration in tool["functionDeclarations"]:
                if "parametersJsonSchema" in declaration:
                    schema = declaration["parametersJsonSchema"]
                    declaration["parametersJsonSchema"] = change(schema)

    return apply


def without(*keywords: str) -> Change:
    """Return what leaves out keywords everywhere."""
    return lambda schema: _each(schema, lambda s: {k: v for k, v in s.items() if k not in keywords})


def with_inclusive_bounds(schema: Schema) -> Schema:
    """Write the exclusive bounds of integers as inclusive ones."""

    def one(node: Schema) -> Schema:
        made = dict(node)
        if "exclusiveMinimum" in made:
            made["minimum"] = made.pop("exclusiveMinimum") + 1
        if "exclusiveMaximum" in made:
            made["maximum"] = made.pop("exclusiveMaximum") - 1
        return made

    return _each(schema, one)


def without_order(schema: Schema) -> Schema:
    """Leave out `propertyOrdering` where it says the order of the declaration."""

    def one(node: Schema) -> Schema:
        if node.get("propertyOrdering") != list(node.get("properties", {})):
            return node
        return {k: v for k, v in node.items() if k != "propertyOrdering"}

    return _each(schema, one)


def without_constants(schema: Schema) -> Schema:
    """Write `const` as an `enum` of one."""
    return _each(
        schema, lambda s: {**without_key(s, "const"), "enum": [s["const"]]} if "const" in s else s
    )


def without_discriminators(schema: Schema) -> Schema:
    """Write `oneOf` as `anyOf`, without OpenAPI's hint."""

    def one(node: Schema) -> Schema:
        plain = without_key(node, "discriminator")
        return (
            {**without_key(plain, "oneOf"), "anyOf": plain["oneOf"]} if "oneOf" in plain else plain
        )

    return _each(schema, one)


def in_place(schema: Schema) -> Schema:
    """Put definitions, none of which may contain itself, where they are referred to."""
    definitions: Schema = schema.get("$defs", {})

    def one(node: Schema) -> Schema:
        if "$ref" not in node:
            return node
        target = definitions[node["$ref"].removeprefix("#/$defs/")]
        return {**_each(target, one), **without_key(node, "$ref")}

    return _each(without_key(schema, "$defs"), one)


def with_open_root(schema: Schema) -> Schema:
    """Put the definition in the place of a root that is but a reference to it."""
    target: Schema = schema["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    return {**without_key(schema, "$ref"), **target}


def without_key(node: Schema, keyword: str) -> Schema:
    """Return a node without one keyword."""
    return {k: v for k, v in node.items() if k != keyword}


def _each(node: Schema, change: Change) -> Schema:
    """Apply `change` to a schema and all schemas in it, from the outside in."""
    made = dict(change(node))
    for keyword in ("properties", "$defs"):
        if keyword in made:
            named = cast("dict[str, Schema]", made[keyword])
            made[keyword] = {name: _each(child, change) for name, child in named.items()}
    for keyword in ("anyOf", "oneOf", "prefixItems"):
        if keyword in made:
            made[keyword] = [_each(child, change) for child in made[keyword]]
    for keyword in ("items", "additionalProperties"):
        if isinstance(made.get(keyword), dict):
            made[keyword] = _each(made[keyword], change)
    return made
