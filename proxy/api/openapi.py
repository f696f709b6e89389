"""What `/openapi.json` says beyond what FastAPI finds out: bodies we parse ourselves, our errors.

Called by the endpoints for their routes and by `app.py`, whose application it is.
"""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

_REF = "#/components/schemas/{model}"
_ERROR = {
    "title": "Error",
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "code": {"type": ["string", "null"]},
            },
        }
    },
}
_BODIES: dict[str, type[BaseModel]] = {}
"""By their names in the document."""
ERROR_RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "A failure, in OpenAI's envelope",
        "content": {"application/json": {"schema": {"$ref": _REF.format(model="Error")}}},
    }
}


class DocumentedAPI(FastAPI):
    """FastAPI whose document is whole: every `$ref` leads somewhere."""

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document."""
        document = super().openapi()
        schemas: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
        if "Error" not in schemas:
            _, bodies = models_json_schema(
                [(model, "validation") for model in _BODIES.values()],
                ref_template=_REF,
            )
            schemas |= {**bodies["$defs"], "Error": _ERROR}
        return document


def json_request(model: type[BaseModel]) -> dict[str, Any]:
    """Return `openapi_extra` for a route whose body is `model`; the document will have it."""
    _BODIES[model.__name__] = model
    schema = {"$ref": _REF.format(model=model.__name__)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
