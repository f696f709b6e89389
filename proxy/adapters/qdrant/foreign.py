"""Payloads that another indexer wrote, as chunks: by a map of our names to its keys.

Keys hold dots for nesting, also into a string of JSON, which is how LlamaIndex stores a node. Where
the map says nothing, the keys of common layouts are tried: LangChain, LlamaIndex, a plain `text`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import orjson

from proxy.corpus import Chunk
from proxy.errors import ConfigurationError
from proxy.queries import Hit

_COMMON: Final[Mapping[str, Sequence[str]]] = {
    "text": ("text", "page_content", "content", "_node_content.text", "chunk", "document"),
    "title": ("title", "metadata.title", "name", "file_name", "metadata.file_name"),
    "url": ("url", "metadata.url", "link", "metadata.source", "source"),
    "document": ("document_id", "file_path", "path", "metadata.source", "source", "doc_id"),
    "section": ("heading", "section", "metadata.heading", "metadata.section"),
}
"""Our names, and the keys they are looked for under, the likelier first."""


@dataclass(frozen=True, slots=True)
class PayloadMap:
    """Where to find what a chunk is made of."""

    keys: Mapping[str, str]
    """By our names; what is missing is looked for under the common keys."""

    def __post_init__(self) -> None:
        """Refuse names that are none of ours.

        Raises:
            ConfigurationError: naming the first.
        """
        if unknown := sorted(self.keys.keys() - _COMMON.keys()):
            raise ConfigurationError(
                f"QDRANT_PAYLOAD_MAP: {unknown[0]!r} is none of {', '.join(_COMMON)}"
            )

    def hit(self, point_id: object, payload: Mapping[str, Any], book: str, score: float) -> Hit:
        """Return a point as what a search found."""
        return Hit(str(point_id), book, self._document(point_id, payload), score)

    def chunk(self, point_id: object, payload: Mapping[str, Any], book: str) -> Chunk:
        """Return a point as a chunk, made of whatever it carries."""
        url = self.value("url", payload)
        document = self._document(point_id, payload)
        title = self.value("title", payload) or document
        section = self.value("section", payload)
        is_address = url.startswith(("http://", "https://"))
        return Chunk(
            chunk_id=str(point_id),
            book=book,
            document_id=document,
            title=title,
            heading_path=(title, section) if section and section != title else (title,),
            anchor="",
            url=url if is_address else None,
            position=0,
            text=self.value("text", payload),
        )

    def value(self, name: str, payload: Mapping[str, Any]) -> str:
        """Return what a payload has under one of our names, "" for nothing."""
        keys = (self.keys[name],) if name in self.keys else _COMMON[name]
        found = (_at(payload, key) for key in keys)
        return next((text for text in found if text), "")

    def _document(self, point_id: object, payload: Mapping[str, Any]) -> str:
        return self.value("document", payload) or self.value("url", payload) or str(point_id)


def _at(payload: Mapping[str, Any], key: str) -> str:
    """Return the text under a key with dots, "" where there is none."""
    value: object = payload.get(key)
    if value is None:
        value = payload
        for part in key.split("."):
            value = _object(value).get(part)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _object(value: object) -> Mapping[str, object]:
    """Return a JSON object, also one that is stored as text; an empty one for anything else."""
    if isinstance(value, str) and value.startswith("{"):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return {}
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}
