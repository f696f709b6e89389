"""Bytes of a request body to a validated model, or an `InvalidRequest` that says where.

What the client sent is never echoed: a FastAPI validation error that repeats its input turns a
500 kB body into a 10 MB answer.
"""

import re
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from proxy.errors import InvalidRequest
from proxy.protocol.structure import is_overgrown

ModelT = TypeVar("ModelT", bound=BaseModel)

_CODES = {
    "missing": "missing_required_parameter",
    "too_short": "empty_array",
    "too_long": "array_above_max_length",
    "string_too_short": "string_below_min_length",
    "string_too_long": "string_above_max_length",
    "literal_error": "invalid_value",
    "unknown_role": "invalid_value",
    "unknown_part": "invalid_value",
    "unknown_format": "invalid_value",
    "unknown_item": "unsupported_parameter",
    "unknown_operation": "invalid_value",
    "unsupported_tool": "unsupported_parameter",
    "invalid_value": "invalid_value",
    "unsupported_parameter": "unsupported_parameter",
    "extra_forbidden": "unknown_parameter",
}
"""Pydantic's error types to the codes OpenAI uses; every other type is `invalid_type`."""

_TELLING_FIELD = {
    "unknown_role": "role",
    "unknown_part": "type",
    "unknown_item": "type",
    "unknown_operation": "type",
    "unknown_format": "type",
    "unsupported_tool": "type",
}
"""By error type of a union: the field that says which member is meant."""

_BOUNDS = {"ge": "below_min_value", "le": "above_max_value"}
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What may stand in a path: a longer or stranger name is a client's own key, not ours."""

_MAX_MESSAGE_CHARS = 300
_TYPE_KEY = b'"type"'
MAX_TYPED_OBJECTS = 20_000
"""Parts, tools and schema nodes of one request. Bounds on each list multiply; half a million parts
took the parser two seconds, and nothing else ran meanwhile."""


def parse(model: type[ModelT], body: bytes) -> ModelT:
    """Return the body as `model`.

    Raises:
        InvalidRequest: it is not JSON, or not of this form; `param` is a path such as
            `messages[0].content`.
    """
    if body.count(_TYPE_KEY) > MAX_TYPED_OBJECTS or is_overgrown(body):
        raise InvalidRequest("The request has too many parts.", code="array_above_max_length")
    # Pydantic's parser takes Python's `Infinity` and `NaN`; JSON (RFC 8259, section 6) has neither.
    if (b"Infinity" in body or b"NaN" in body) and not _is_json(body):
        raise _not_json()
    try:
        return model.model_validate_json(body)
    except ValidationError as exc:
        raise invalid_request(exc) from None


def validate(model: type[ModelT], value: Any, *, prefix: str = "") -> ModelT:
    """Return parsed JSON as `model`; `prefix` goes before the path in `param`.

    Raises:
        InvalidRequest: it is not of this form.
    """
    try:
        return model.model_validate(value)
    except ValidationError as exc:
        raise invalid_request(exc, prefix=prefix) from None


def invalid_request(exc: ValidationError, *, prefix: str = "") -> InvalidRequest:
    """Return the first error of `exc` in OpenAI's terms."""
    first = exc.errors(include_input=False, include_url=False)[0]
    if first["type"] == "json_invalid":
        return _not_json()
    inner = first.get("ctx", {}).get("param") or _TELLING_FIELD.get(first["type"])
    param = prefix + param_path((*first["loc"], inner) if inner else first["loc"])
    message = f"Invalid '{param}': {first['msg']}." if param else f"{first['msg']}."
    return InvalidRequest(message[:_MAX_MESSAGE_CHARS], param=param or None, code=_code(first))


def _not_json() -> InvalidRequest:
    return InvalidRequest("The body is not valid JSON: we could not parse it.", code="invalid_json")


def _is_json(body: bytes) -> bool:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True


def _code(error: ErrorDetails) -> str:
    for bound, suffix in _BOUNDS.items():
        if (value := error.get("ctx", {}).get(bound)) is not None:
            return f"{'decimal' if isinstance(value, float) else 'integer'}_{suffix}"
    return _CODES.get(error["type"], "invalid_type")


def param_path(location: tuple[int | str, ...]) -> str:
    """Return `messages[0].content` for pydantic's location.

    Tags of unions (`<…>`) are left out, and it ends before a key that only the client can have
    thought of.
    """
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif _NAME.fullmatch(part):
            path += f".{part}" if path else part
        elif not part.startswith("<"):
            break
    return path
