"""One JSON Schema, node by node, to the keywords that Gemini documents.

`type format title description enum items prefixItems minItems maxItems minimum maximum anyOf
properties additionalProperties required propertyOrdering $defs $ref` are kept; of what else
constrains a value the meaning goes into the description; everything else is dropped.

References are put in place (the safest for tools of 2.0 and 2.5), but for recursive ones, and for
all where copies would make the schema too large.
"""

from collections.abc import Mapping
from typing import Any, cast

from proxy.adapters.gemini.schema.limits import (
    MAX_INLINED_SCHEMAS,
    Allowance,
    TooLargeError,
    size_of,
    steps_of,
)
from proxy.adapters.gemini.schema.merge import merged
from proxy.adapters.gemini.schema.prose import (
    KEPT_FORMATS,
    SAID,
    compact,
    described,
    remarks_of,
)
from proxy.adapters.gemini.schema.references import (
    Definitions,
    References,
    Schema,
    as_schema,
    listed,
    names_in,
)
from proxy.adapters.gemini.schema.values import bounds_of, count, type_of, values_of

Within = frozenset[int]
"""Recursive definitions whose copy one is in, by `id()`: those are not copied again."""

_MAX_COMPARED = 64
"""Alternatives among which equal ones are looked for."""
_ALTERNATIVES = ("anyOf", "oneOf")
_KEPT = frozenset(
    {"type", "format", "enum", "const", "nullable"}
    | {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
    | {"items", "prefixItems", "additionalItems", "minItems", "maxItems"}
    | {"properties", "patternProperties", "additionalProperties", "required", "propertyOrdering"}
    | {"anyOf", "oneOf", "allOf"}
)
_ASSERTIONS = SAID | _KEPT
"""Keywords that say something about the value, as against about the schema."""


class SchemaCleaner:
    """Cleans one document.

    Those of response formats keep their titles and say the order of properties. With `inlines`
    references that are not recursive are put in place.
    """

    def __init__(
        self,
        references: References,
        allowance: Allowance,
        *,
        inlines: bool,
        is_response: bool = False,
    ) -> None:
        self._references = references
        self._allowance = allowance
        self._is_response = is_response
        self._inlines = inlines
        self._definitions = Definitions()

    def with_definitions(self, root: Schema) -> Schema:
        """Return a cleaned root with the `$defs` it needs.

        Raises:
            TooLargeError: references in place make too much of it.
        """
        definitions = {
            name: self.clean(node, within=frozenset({id(node)}), is_whole=True)
            for name, node in self._definitions.nodes
        }
        whole = {**root, "$defs": definitions} if definitions else root
        if self._allowance.may_give_up and size_of(whole) > MAX_INLINED_SCHEMAS:
            raise TooLargeError
        return whole

    def clean(
        self, node: object, depth: int = 0, within: Within = frozenset(), *, is_whole: bool = False
    ) -> Schema:
        """Return a cleaned copy; `is_whole` asks for the schema itself rather than a reference.

        Raises:
            TooLargeError: references in place make too much of it.
            InvalidRequest: it is too large or too deep as it stands.
        """
        self._allowance.spend(depth=depth)
        flat, within = self.flattened(as_schema(node), within, is_whole=is_whole)
        if steps := steps_of(flat):
            self._allowance.spend(steps)
        if "$ref" in flat:
            return self._reference(flat, depth)
        remarks = remarks_of(flat)
        given = [k for k in _ALTERNATIVES if listed(flat.get(k))]
        if given:
            remarks += [f"Also holds: oneOf {compact(flat['oneOf'])}."] if len(given) > 1 else []
            members = self._alternatives(flat, given[0], depth, within)
            body: Schema = {"anyOf": members} if members else {}
        else:
            body = self._single(flat, remarks, depth, within)
        return self._annotated(body, flat, remarks)

    def flattened(
        self,
        node: Schema,
        within: Within,
        *,
        is_whole: bool = False,
        opened: Within = frozenset(),
    ) -> tuple[Schema, Within]:
        """Return a node with references and `allOf` resolved, and within what one is then.

        A `$ref` in the result stands for a reference that stays. `opened` are the schemas this one
        is put together from: to refer to one of them again says nothing new.
        """
        own = {k: v for k, v in node.items() if k not in {"$ref", "allOf"}}
        members = [as_schema(m) for m in listed(node.get("allOf"))]
        if isinstance(node.get("$ref"), str):
            members.append({"$ref": node["$ref"]})
        if not members:
            return own, within
        merges = is_whole or len(members) > 1 or bool(own.keys() & _ASSERTIONS)
        opened |= {id(node)}
        parts = [own]
        for member in members:
            part, within = self._opened(member, within, opened, merges=merges)
            self._allowance.spend(1 + steps_of(part))
            parts.append(part)
        return merged(parts), within

    def _opened(
        self, member: Schema, within: Within, opened: Within, *, merges: bool
    ) -> tuple[Schema, Within]:
        reference = member.get("$ref")
        if not isinstance(reference, str) or len(member) > 1:
            return self.flattened(member, within, is_whole=merges, opened=opened)
        target = self._references.target(reference)
        if id(target) in opened:
            return {}, within
        stays = self._references.is_recursive(target) or not self._inlines
        if id(target) in within or (stays and not merges):
            return member, within
        inside = within | {id(target)} if stays else within
        return self.flattened(target, inside, is_whole=merges, opened=opened | {id(target)})

    def _reference(self, flat: Schema, depth: int) -> Schema:
        """Return a reference that stays; beside it nothing may stand."""
        name = self._definitions.name(flat["$ref"], self._references.target(flat["$ref"]))
        reference: Schema = {"$ref": f"#/$defs/{name}"}
        others = {k: v for k, v in flat.items() if k in _ASSERTIONS and k != "nullable"}
        remarks = [f"Also matches {compact(others)}."] if others else []
        text = described(flat.get("description"), remarks)
        if not text and flat.get("nullable") is not True:
            return reference
        self._allowance.spend(depth=depth + 1)
        options = [reference, {"type": "null"}] if flat.get("nullable") is True else [reference]
        return {"description": text, "anyOf": options} if text else {"anyOf": options}

    def _alternatives(self, flat: Schema, keyword: str, depth: int, within: Within) -> list[Schema]:
        """Return the members of `anyOf`; what stands beside it is given to each of them."""
        shared = {
            k: v
            for k, v in flat.items()
            if k in _ASSERTIONS and k not in SAID and k not in {*_ALTERNATIVES, "nullable"}
        }
        members: list[Schema] = []
        for member in listed(flat[keyword]):
            if member is False:
                continue
            whole = {"allOf": [as_schema(member), shared]} if shared else member
            cleaned = self.clean(whole, depth + 1, within)
            if len(members) > _MAX_COMPARED or cleaned not in members:
                members.append(cleaned)
        if flat.get("nullable") is True and {"type": "null"} not in members:
            members.append({"type": "null"})
        return members

    def _single(self, flat: Schema, remarks: list[str], depth: int, within: Within) -> Schema:
        """Return what a schema without alternatives says, adding to `remarks`."""
        values = values_of(flat)
        bounds, unsaid = bounds_of(flat, values.types)
        remarks += [*values.remarks, *unsaid]
        types = values.types
        if values.enum is not None and "null" in types:
            self._allowance.spend(depth=depth + 1)
            others = [name for name in types if name != "null"]
            return {"anyOf": [{"type": type_of(others), "enum": values.enum}, {"type": "null"}]}
        body: Schema = {"type": type_of(types)} if types else {}
        if values.enum is not None:
            return {**body, "enum": values.enum}
        if isinstance(kept := flat.get("format"), str) and kept in KEPT_FORMATS:
            body["format"] = kept
        body |= bounds
        if "object" in types:
            body |= self._object(flat, remarks, depth, within)
        if "array" in types:
            body |= self._array(flat, depth, within)
        return body

    def _object(
        self, flat: Schema, remarks: list[str], depth: int, within: Within
    ) -> dict[str, Any]:
        raw = as_schema(flat.get("properties"))
        self._allowance.check_properties(raw)
        properties = {
            name: self.clean(child, depth + 1, within)
            for name, child in raw.items()
            if child is not False
        }
        rest = self._additional(flat, remarks, depth, within)
        if not properties:
            return {"additionalProperties": True if rest is None else rest}
        body: dict[str, Any] = {"properties": properties}
        wanted = dict.fromkeys(names_in(flat.get("required")))
        required = [name for name in wanted if name in properties]
        endless = [n for n in required if self._is_endless(raw[n], properties[n])]
        if endless:
            remarks.append(f"Always given: {', '.join(endless)}.")
            required = [name for name in required if name not in endless]
        if required:
            body["required"] = required
        if rest is not None:
            body["additionalProperties"] = rest
        if self._is_response:
            given = names_in(flat.get("propertyOrdering"))
            order = dict.fromkeys(name for name in [*given, *properties] if name in properties)
            body["propertyOrdering"] = list(order)
        return body

    def _is_endless(self, raw: object, cleaned: Schema) -> bool:
        """Whether a property leads back to its own object; Gemini wants such ones optional."""
        return (
            not self._references.is_empty
            and self._references.is_recursive(as_schema(raw))
            and _refers(cleaned)
        )

    def _additional(
        self, flat: Schema, remarks: list[str], depth: int, within: Within
    ) -> bool | Schema | None:
        rest: Any = flat.get("additionalProperties")
        patterns = as_schema(flat.get("patternProperties"))
        if patterns:
            remarks.append(f"Names of other properties match {' or '.join(patterns)}.")
            is_only_rule = len(patterns) == 1 and not rest
            rest = next(iter(patterns.values())) if is_only_rule else True
        if isinstance(rest, bool) or rest is None:
            return rest
        return self.clean(cast("object", rest), depth + 1, within) or True

    def _array(self, flat: Schema, depth: int, within: Within) -> dict[str, Any]:
        body: dict[str, Any] = {}
        items = flat.get("items")
        first = listed(items) or listed(flat.get("prefixItems"))
        if isinstance(items, list):
            items = flat.get("additionalItems")
        if first:
            body["prefixItems"] = [self.clean(item, depth + 1, within) for item in first]
        if isinstance(items, dict) or not first:
            body["items"] = self.clean(cast("object", items), depth + 1, within) or {
                "type": "string"
            }
        for keyword in ("minItems", "maxItems"):
            if (limit := count(flat.get(keyword))) is not None:
                body[keyword] = limit
        if first and items is False:
            body["maxItems"] = min(len(first), body.get("maxItems", len(first)))
        return body

    def _annotated(self, body: Schema, flat: Mapping[str, Any], remarks: list[str]) -> Schema:
        annotated: Schema = {}
        if self._is_response and isinstance(title := flat.get("title"), str):
            annotated["title"] = title
        if text := described(flat.get("description"), remarks):
            annotated["description"] = text
        return {**annotated, **body}


def _refers(cleaned: object) -> bool:
    """Whether a property may be made of a reference, other than by properties of its own."""
    node = as_schema(cleaned)
    below = [*listed(node.get("anyOf")), *listed(node.get("prefixItems"))]
    below += [node.get("items"), node.get("additionalProperties")]
    return "$ref" in node or any(_refers(child) for child in below if child)
