"""Column types that mean the same in SQLite and in PostgreSQL."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_UNSTORABLE = str.maketrans(
    dict.fromkeys(["\0", *map(chr, range(0xD800, 0xE000))], "\N{REPLACEMENT CHARACTER}")
)
"""PostgreSQL keeps neither NUL nor halves of surrogate pairs, SQLite no halves."""


def storable(text: str) -> str:
    """Return the text with U+FFFD for what no database keeps."""
    return text if text.isascii() and "\0" not in text else text.translate(_UNSTORABLE)


def _storable_json(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(key)): _storable_json(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - JSON
    if isinstance(value, list | tuple):
        return [_storable_json(item) for item in value]  # pyright: ignore[reportUnknownVariableType] - JSON
    return value


class StorableText(TypeDecorator[str]):
    """Text of any length and content."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return what is written."""
        del dialect
        return None if value is None else storable(value)


class StorableString(TypeDecorator[str]):
    """Text of bounded length: an id, as a client gives it."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return what is written, or looked for."""
        del dialect
        return None if value is None else storable(value)


class StorableJson(TypeDecorator[Any]):
    """JSON of any content."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Return what is written."""
        del dialect
        return _storable_json(value)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment; SQLite keeps no zone, so UTC is agreed upon."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return what is written."""
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return what was written."""
        del dialect
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value
