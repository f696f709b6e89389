"""JSON Schemas of clients to those that Gemini takes; the whole of a tool or a response format.

Pure, idempotent, and bounded: what cannot be sent is refused here, with its reason. Keywords are
changed, names of properties never: one may be called `title`, `default` or `$ref`.

Source: Google's list of supported keywords for `parametersJsonSchema` and `responseJsonSchema`.
"""

from collections.abc import Callable
from typing import Any

from proxy.adapters.gemini.schema.cleaner import SchemaCleaner, Within
from proxy.adapters.gemini.schema.limits import Allowance, Budget, TooLargeError
from proxy.adapters.gemini.schema.prose import compact, described
from proxy.adapters.gemini.schema.references import (
    References,
    Schema,
    as_schema,
    listed,
    names_in,
)
from proxy.adapters.gemini.schema.values import types_in, values_of

_MAX_FORMS = 100
_SCHEMAS_READ_PER_STEP = 2
WRAPPED = "value"
"""The name under which a tool's argument goes that is no object."""


def cleaned_parameters(
    schema: Schema | None, where: str, budget: Budget | None = None
) -> Schema | None:
    """Return the schema of a tool's arguments, an object; None where there is nothing to declare.

    A root that is no object is wrapped into one; alternatives at the root, which Gemini does not
    take there, become one object of all their properties. `budget` is what all tools of a request
    share.

    Raises:
        InvalidRequest: it refers out of itself or is too large; `param` is `where`.
    """
    return _cleaned(_parameters, schema, where, budget or Budget()) if schema else None


def cleaned_response_schema(schema: Schema, where: str) -> Schema:
    """Return the schema of an answer, titles kept, properties in the order of their declaration.

    Raises:
        InvalidRequest: it refers out of itself or is too large; `param` is `where`.
    """
    return _cleaned(_response, schema, where, Budget()) or {}


def _cleaned(
    clean: Callable[[SchemaCleaner, Schema], Schema | None],
    schema: Schema,
    where: str,
    budget: Budget,
) -> Schema | None:
    """Clean until nothing changes: a definition that stayed may turn out not to be recursive."""
    found = _cleaned_once(clean, schema, where, budget)
    while found is not None and "$defs" in found:
        again = _cleaned_once(clean, found, where, budget)
        if again == found:
            break
        found = again
    return found


def _cleaned_once(
    clean: Callable[[SchemaCleaner, Schema], Schema | None],
    schema: Schema,
    where: str,
    budget: Budget,
) -> Schema | None:
    """Clean with references in place; where that is too much, with references."""
    is_response = clean is _response
    references = References(schema, where)
    budget.steps -= references.size // _SCHEMAS_READ_PER_STEP
    allowance = Allowance(budget, where, may_give_up=not references.is_empty)
    try:
        cleaner = SchemaCleaner(references, allowance, inlines=True, is_response=is_response)
        return clean(cleaner, schema)
    except TooLargeError:
        allowance = Allowance(budget, where, may_give_up=False)
        cleaner = SchemaCleaner(references, allowance, inlines=False, is_response=is_response)
        return clean(cleaner, schema)


def _response(cleaner: SchemaCleaner, schema: Schema) -> Schema:
    within = frozenset({id(schema)})
    root = cleaner.clean(schema, within=within, is_whole=True)
    return cleaner.with_definitions(root)


def _parameters(cleaner: SchemaCleaner, schema: Schema) -> Schema | None:
    flat, within = cleaner.flattened(schema, frozenset({id(schema)}), is_whole=True)
    root = _object_root(cleaner, flat, within)
    cleaned = cleaner.clean(root, within=within, is_whole=True)
    takes_others = root.get("additionalProperties") or root.get("patternProperties")
    if "properties" not in cleaned and not (takes_others and cleaned.get("additionalProperties")):
        return None
    return cleaner.with_definitions(cleaned)


_LIMITS = ("format", "minimum", "maximum", "minItems", "maxItems")


def simplified(schema: Schema) -> Schema:
    """Return a cleaned schema that constrains less; enumerations are said in the description.

    For the second try after "schema produces a constraint that has too many states".
    """
    simple: Schema = {}
    for keyword, value in schema.items():
        if keyword in {"properties", "$defs"}:
            simple[keyword] = {name: simplified(child) for name, child in value.items()}
        elif keyword in {"anyOf", "prefixItems"}:
            simple[keyword] = [simplified(child) for child in value]
        elif keyword in {"items", "additionalProperties"} and not isinstance(value, bool):
            simple[keyword] = simplified(value)
        elif keyword not in {*_LIMITS, "enum"}:
            simple[keyword] = value
    if "enum" in schema:
        remark = f"One of: {', '.join(compact(value) for value in schema['enum'])}."
        simple["description"] = described(schema.get("description"), [remark])
    return simple


def _object_root(cleaner: SchemaCleaner, flat: Schema, within: Within) -> Schema:
    """Return a flat root as an object without alternatives."""
    keyword = next((k for k in ("anyOf", "oneOf") if listed(flat.get(k))), None)
    if keyword is not None:
        beside = {k: v for k, v in flat.items() if k not in {"anyOf", "oneOf", "nullable"}}
        forms = _forms(cleaner, listed(flat[keyword]), within)
        if 0 < len(forms) <= _MAX_FORMS and all(
            "object" in values_of({**beside, **form}).types for form in forms
        ):
            return _united(beside, forms)
        return _wrapped(flat)
    types = values_of(flat).types
    if "object" in types:
        return {**flat, "type": "object", "nullable": False}
    return _wrapped(flat) if types else {**flat, "type": "object"}


def _forms(cleaner: SchemaCleaner, members: list[Any], within: Within) -> list[Schema]:
    """Return the alternatives that the members of a root's `anyOf` stand for."""
    forms: list[Schema] = []
    for member in members:
        flat, inside = cleaner.flattened(as_schema(member), within, is_whole=True)
        inner = [m for k in ("anyOf", "oneOf") for m in listed(flat.get(k))]
        if inner and "properties" not in flat:
            forms += _forms(cleaner, inner, inside)
        elif member is not False and types_in(flat.get("type")) != ["null"]:
            forms.append(flat)
    return forms


def _united(beside: Schema, forms: list[Schema]) -> Schema:
    """Return one object with the properties of all forms; required are those of every form."""
    properties: dict[str, list[Any]] = {
        name: [child] for name, child in as_schema(beside.get("properties")).items()
    }
    for form in forms:
        for name, child in as_schema(form.get("properties")).items():
            known = properties.setdefault(name, [])
            if child not in known:
                known.append(child)
    wanted = [names_in(form.get("required")) for form in forms]
    common = [name for name in wanted[0] if all(name in names for names in wanted)]
    said = [
        ", ".join(_named(name, form) for name in names)
        for names, form in zip(wanted, forms, strict=True)
        if names
    ]
    remark = f"Give one of these groups: {'; or '.join(dict.fromkeys(said))}." if said else ""
    return {
        **beside,
        "type": "object",
        "description": described(beside.get("description"), [remark] if len(said) > 1 else []),
        "properties": {n: _either(children) for n, children in properties.items()},
        "required": [*names_in(beside.get("required")), *common],
    }


def _named(name: str, form: Schema) -> str:
    """Return a required property, with its value where there is only one."""
    child = as_schema(as_schema(form.get("properties")).get(name))
    values = values_of(child).enum or []
    return f"{name}={compact(values[0])}" if len(values) == 1 else name


def _either(children: list[Any]) -> Any:
    """Return what allows each of the schemas; constants become one enumeration."""
    if len(children) == 1:
        return children[0]
    values = [values_of(as_schema(child)) for child in children]
    if all(v.enum is not None for v in values):
        return {"enum": list(dict.fromkeys(x for v in values for x in v.enum or ()))}
    return {"anyOf": children}


def _wrapped(flat: Schema) -> Schema:
    return {"type": "object", "properties": {WRAPPED: flat}, "required": [WRAPPED]}
