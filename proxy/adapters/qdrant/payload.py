"""Chunks, books and manifests as stored JSON, both ways: the only place that knows the key names.

Both implementations store the same: as payloads of points on a server, as payloads and small JSON
files when embedded.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from proxy.adapters.qdrant.naming import edition_key
from proxy.corpus import Book, Chunk, DocumentRecord, Manifest
from proxy.errors import RetrievalUnavailable

VECTOR: Final = "dense"
"""Name of the vector that comes from the embedding model."""

KIND: Final = "kind"
BOOK: Final = "book"
EDITION: Final = "edition"
"""Holds `naming.edition_key`, not the bare name."""
DOCUMENT_ID: Final = "document_id"
TEXT_HASH: Final = "text_hash"
LIVE: Final = "live"
PREVIOUS: Final = "previous"
CHANGED: Final = "changed_unix_s"
WRITER: Final = "writer"
WRITER_TOKEN: Final = "writer.token"  # noqa: S105  a path inside the payload
WRITER_EXPIRES: Final = "writer.expires_unix_s"

KIND_CHUNK: Final = "chunk"
KIND_BOOK: Final = "book"
KIND_MANIFEST: Final = "manifest"

INDEXED: Final = (KIND, BOOK, EDITION, DOCUMENT_ID, TEXT_HASH)
"""Keys a server filters by."""

CHUNK_KEYS: Final = (
    "chunk_id",
    BOOK,
    DOCUMENT_ID,
    "title",
    "heading_path",
    "anchor",
    "url",
    "position",
    "text",
)
"""What `payload_to_chunk` reads; a search asks for no more."""


@dataclass(frozen=True, slots=True)
class BookEditions:
    """Which editions of a book there are; both None while its first draft is being made."""

    live: Book | None = None
    previous: Book | None = None

    def all(self) -> tuple[Book, ...]:
        """Return the editions that are kept, the live one first."""
        return tuple(book for book in (self.live, self.previous) if book is not None)


@dataclass(frozen=True, slots=True)
class Writer:
    """Who is changing a book, and until when that counts."""

    token: str
    place: str
    """Names the machine (or container) whose process ids `pid` belongs to."""
    pid: int
    expires_unix_s: float


NO_WRITER: Final = Writer(token="", place="", pid=0, expires_unix_s=0.0)


def chunk_to_payload(chunk: Chunk, key: str) -> dict[str, Any]:
    """Return the payload of a chunk in the edition with this key."""
    return {
        **{name: getattr(chunk, name) for name in CHUNK_KEYS},
        "heading_path": list(chunk.heading_path),
        KIND: KIND_CHUNK,
        EDITION: key,
        TEXT_HASH: chunk.text_hash,
    }


def moved_to_edition(payload: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return a chunk's payload as it is stored in another edition."""
    return {**payload, EDITION: key}


def payload_to_chunk(payload: Mapping[str, Any]) -> Chunk:
    """Return the chunk that `chunk_to_payload` stored.

    Raises:
        RetrievalUnavailable: something else wrote it.
    """
    try:
        fields: dict[str, Any] = {name: payload[name] for name in CHUNK_KEYS}
    except KeyError as exc:
        raise RetrievalUnavailable(f"A stored passage lacks its {exc.args[0]!r}") from exc
    fields["heading_path"] = tuple(fields["heading_path"])
    return Chunk(**fields)


def editions_to_json(editions: BookEditions) -> dict[str, Any]:
    """Return which editions there are, as stored."""
    return {
        LIVE: None if editions.live is None else asdict(editions.live),
        PREVIOUS: None if editions.previous is None else asdict(editions.previous),
    }


def editions_from_json(stored: Mapping[str, Any]) -> BookEditions:
    """Return which editions there are.

    Raises:
        RetrievalUnavailable: something else wrote it.
    """
    try:
        return BookEditions(
            *(None if stored.get(key) is None else Book(**stored[key]) for key in (LIVE, PREVIOUS))
        )
    except TypeError as exc:
        raise RetrievalUnavailable("The catalogue of books cannot be read") from exc


def book_to_payload(book_id: str, writer: Writer) -> dict[str, Any]:
    """Return the catalogue entry of a book that has no edition yet."""
    return {KIND: KIND_BOOK, BOOK: book_id, WRITER: asdict(writer)}


def payload_to_writer(payload: Mapping[str, Any]) -> Writer:
    """Return who is changing the book of this catalogue entry."""
    return Writer(**(payload.get(WRITER) or asdict(NO_WRITER)))


def manifest_to_json(manifest: Manifest) -> dict[str, Any]:
    """Return a manifest as stored."""
    return asdict(manifest)


def manifest_to_payload(manifest: Manifest, book: Book) -> dict[str, Any]:
    """Return a manifest as the payload of a point."""
    return {
        **manifest_to_json(manifest),
        KIND: KIND_MANIFEST,
        BOOK: book.book_id,
        EDITION: edition_key(book.book_id, book.edition),
    }


def manifest_from_json(stored: Mapping[str, Any]) -> Manifest:
    """Return the manifest that `manifest_to_json` or `manifest_to_payload` stored."""
    try:
        documents = {name: DocumentRecord(**record) for name, record in stored["documents"].items()}
        return Manifest(recipe=stored["recipe"], documents=documents)
    except (KeyError, TypeError) as exc:
        raise RetrievalUnavailable("An edition's manifest cannot be read") from exc
