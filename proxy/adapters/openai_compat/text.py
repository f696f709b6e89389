"""Text that can be written again: JSON's escapes let half a character through, UTF-8 does not.

Servers that cut an emoji between two tokens send its halves as lone surrogates.
"""

from typing import Any, cast


def clean_text(value: Any) -> str:
    """Return a JSON string, each half character replaced; "" for null.

    Raises:
        TypeError: it is no string.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return value


def clean_json(value: Any) -> Any:
    """Return parsed JSON with every text in it clean."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [clean_json(item) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {clean_text(name): clean_json(inner) for name, inner in fields.items()}
    return value
