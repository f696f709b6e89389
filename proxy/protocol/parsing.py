"""Bytes of a request body to a validated model, or an `InvalidRequest` that says where.

What the client sent is never echoed: a FastAPI validation error that repeats its input turns a
500 kB body into a 10 MB answer.
"""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from proxy.errors import InvalidRequest

ModelT = TypeVar("ModelT", bound=BaseModel)

_CODES = {
    "missing": "missing_required_parameter",
    "too_short": "empty_array",
    "too_long": "array_above_max_length",
    "string_too_short": "string_below_min_length",
    "string_too_long": "string_above_max_length",
    "greater_than": "number_below_min_value",
    "greater_than_equal": "integer_below_min_value",
    "less_than": "number_above_max_value",
    "less_than_equal": "integer_above_max_value",
    "literal_error": "invalid_value",
    "unknown_role": "invalid_value",
    "extra_forbidden": "unknown_parameter",
}
"""Pydantic's error types to the codes OpenAI uses; every other type is `invalid_type`."""

_MAX_MESSAGE_CHARS = 300


def parse(model: type[ModelT], body: bytes) -> ModelT:
    """Return the body as `model`.

    Raises:
        InvalidRequest: it is not JSON, or not of this form; `param` is a path such as
            `messages[0].content`.
    """
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
    first = exc.errors(include_input=False, include_url=False, include_context=False)[0]
    if first["type"] == "json_invalid":
        return InvalidRequest(
            "The body is not valid JSON: we could not parse it.", code="invalid_json"
        )
    param = prefix + param_path(first["loc"])
    message = f"Invalid '{param}': {first['msg']}." if param else f"{first['msg']}."
    return InvalidRequest(
        message[:_MAX_MESSAGE_CHARS],
        param=param or None,
        code=_CODES.get(first["type"], "invalid_type"),
    )


def param_path(location: tuple[int | str, ...]) -> str:
    """Return `messages[0].content` for pydantic's location; tags of unions (`<…>`) are left out."""
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif not part.startswith("<"):
            path += f".{part}" if path else part
    return path[:200]
