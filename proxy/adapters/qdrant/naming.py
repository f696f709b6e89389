"""Names of editions and points, made and checked."""

import secrets
import uuid
from collections.abc import Collection
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from proxy.corpus import check_edition

_REMEMBERED_IDS: Final = 16_384
"""A search asks for some thirty neighbours by name, and a name takes ten microseconds to make."""
_POINT_NAMESPACE: Final = uuid.UUID("b7c9a3de-52b4-5b7f-8a43-0c8f6d1e7a90")


def edition_name(wanted: str | None, *, taken: Collection[str], now: datetime | None = None) -> str:
    """Return `wanted` if it is free, otherwise with the time behind it; None: the time alone.

    Names made from the time sort by it and end in random letters, so that two machines never make
    the same one.

    Raises:
        InvalidRequest: `wanted` cannot be a name (`param="edition"`).
    """
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%S.%fZ") + f"-{secrets.token_hex(3)}"
    if wanted is None:
        return stamp
    check_edition(wanted)
    return f"{wanted[:96]}-{stamp}" if wanted in taken else wanted


def edition_key(book_id: str, edition: str) -> str:
    """Return what marks an edition's points.

    It holds the book's id, so that two books whose drafts were given one edition name at the same
    time still cannot see each other's passages.
    """
    return f"{book_id}/{edition}"


@lru_cache(maxsize=_REMEMBERED_IDS)
def chunk_point_id(key: str, chunk_id: str) -> str:
    """Return the point id of a chunk in the edition with this key."""
    return str(uuid.uuid5(_POINT_NAMESPACE, f"chunk\n{key}\n{chunk_id}"))


def manifest_point_id(key: str) -> str:
    """Return the point id of an edition's manifest."""
    return str(uuid.uuid5(_POINT_NAMESPACE, f"manifest\n{key}"))


def lexicon_point_id(key: str) -> str:
    """Return the point id of an edition's lexicon."""
    return str(uuid.uuid5(_POINT_NAMESPACE, f"lexicon\n{key}"))


def book_point_id(book_id: str) -> str:
    """Return the point id of a book's entry in the catalogue."""
    return str(uuid.uuid5(_POINT_NAMESPACE, f"book\n{book_id}"))
