"""How much of a JSON Schema is cleaned: hostile ones stop early, large honest ones keep `$defs`.

Work is counted in steps, a schema being one; long texts, enumerations and property lists count
more, for references can copy them a thousand times.
"""

from collections.abc import Mapping
from typing import Any, cast

from proxy.adapters.gemini.schema.references import Schema, as_schema, subschemas
from proxy.errors import InvalidRequest

MAX_DEPTH = 32
MAX_PROPERTIES = 100
"""Of one object."""
MAX_STEPS = 5_000
MAX_INLINED_SCHEMAS = 1_000
"""Above it references are not put in place but stay."""
_MAX_INLINING_STEPS = 4 * MAX_INLINED_SCHEMAS
_MAX_STEPS_OF_A_REQUEST = 20_000
_CHARS_PER_STEP = 256
_MEMBERS_PER_STEP = 64


class TooLargeError(Exception):
    """With its references put in place the schema is too large; it may fit with them."""


class Budget:
    """The steps that are left to all schemas of one request."""

    def __init__(self, steps: int = _MAX_STEPS_OF_A_REQUEST) -> None:
        self.steps = steps


class Allowance:
    """The steps that are left to one schema; `may_give_up` says whether there is another way."""

    def __init__(self, budget: Budget, where: str, *, may_give_up: bool) -> None:
        self._budget = budget
        self._where = where
        self.may_give_up = may_give_up
        self._left = _MAX_INLINING_STEPS if may_give_up else MAX_STEPS

    def spend(self, steps: int = 1, *, depth: int = 0) -> None:
        """Count work done at a depth.

        Raises:
            TooLargeError: too much, and there is another way.
            InvalidRequest: too much.
        """
        self._left -= steps
        self._budget.steps -= steps
        if self._left >= 0 and depth <= MAX_DEPTH and self._budget.steps >= 0:
            return
        if self._budget.steps < 0:
            raise self.refusal("all schemas of the request together")
        if self.may_give_up:
            raise TooLargeError
        raise self.refusal(f"more than {MAX_DEPTH} levels" if depth > MAX_DEPTH else "too much")

    def check_properties(self, properties: Mapping[str, Any]) -> None:
        """Return when an object has not too many properties.

        Raises:
            InvalidRequest: it has.
        """
        if len(properties) > MAX_PROPERTIES:
            raise self.refusal(f"an object of more than {MAX_PROPERTIES} properties")

    def refusal(self, what: str) -> InvalidRequest:
        """Return the error that says what there is too much of."""
        return InvalidRequest(
            f"The JSON Schema is too large: {what}.", param=self._where, code="invalid_json_schema"
        )


def steps_of(schema: Mapping[str, Any]) -> int:
    """Return the steps that a schema's own texts and lists count, 0 for an ordinary one."""
    chars = members = 0
    for value in schema.values():
        if isinstance(value, str):
            chars += len(value)
        elif isinstance(value, list | dict):
            several = cast("list[Any] | dict[str, Any]", value)
            members += len(several)
            chars += sum(len(member) for member in several if isinstance(member, str))
    return chars // _CHARS_PER_STEP + members // _MEMBERS_PER_STEP


def size_of(cleaned: Schema) -> int:
    """Return how many schemas there are in a cleaned one, its definitions among them."""
    definitions = as_schema(cleaned.get("$defs")).values()
    return 1 + sum(size_of(child) for child in [*subschemas(cleaned), *definitions])
