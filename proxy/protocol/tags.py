"""Which of several types a value is: by the `type` it names, as pydantic's discriminators ask."""

from typing import cast


def type_tag(value: object, default: str | None = None) -> str:
    """Return the tag of what says by its `type` what it is, or of the default."""
    if isinstance(value, dict):
        return f"<{cast('dict[str, object]', value).get('type', default)}>"
    return f"<{getattr(value, 'type', default)}>"
