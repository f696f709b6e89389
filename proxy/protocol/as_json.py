"""Values to JSON, with the integers that JSON allows and orjson does not."""

import json
from typing import Any

import orjson


def as_json(value: Any) -> bytes:
    """Return a value that was JSON once as JSON, integers of more than 64 bits too."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
