"""Chunks, books and manifests as stored JSON, both ways: the only place that knows the key names.

Both implementations store the same: as payloads of points on a server, as payloads and small JSON
files when embedded.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from proxy.adapters.qdrant.naming import edition_key
from proxy.corpus import Book, Chunk, DocumentRecord, Manifest
from proxy.errors import RetrievalUnavailable
from proxy.lexical.bm25 import Lexicon
from proxy.queries import Hit

VECTOR: Final = "dense"
"""Name of the vector that comes from the embedding model."""
TERMS: Final = "bm25"
"""Name of the sparse vector of what a chunk's terms weigh."""

KIND: Final = "kind"
BOOK: Final = "book"
EDITION: Final = "edition"
"""Holds `naming.edition_key`, not the bare name."""
DOCUMENT_ID: Final = "document_id"
FOLDER: Final = "folder"
ROUTE: Final = "route"
ANCHOR: Final = "anchor"
CHUNK_ID: Final = "chunk_id"
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
KIND_LEXICON: Final = "lexicon"

INDEXED: Final = (KIND, BOOK, EDITION, DOCUMENT_ID, FOLDER, ROUTE, TEXT_HASH)
"""Keys a server filters by; an anchor is only ever asked for together with its document."""

_FIRST_KEYS: Final = (
    CHUNK_ID,
    BOOK,
    DOCUMENT_ID,
    "title",
    "heading_path",
    ANCHOR,
    "url",
    "position",
    "text",
)
_LATER_KEYS: Final = (
    "chapter",
    "ordinal",
    "section_chunks",
    ROUTE,
    "context",
    "start_char",
    "end_char",
)
"""Editions that were made before these have none; `Chunk` has a default for each."""
CHUNK_KEYS: Final = (*_FIRST_KEYS, *_LATER_KEYS)
"""What `payload_to_chunk` reads; who reads chunks asks for no more."""
HIT_KEYS: Final = (CHUNK_ID, BOOK, DOCUMENT_ID)
"""What `payloads_to_hits` reads; a search asks for no more."""


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
        FOLDER: chunk.folder,
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
        fields: dict[str, Any] = {name: payload[name] for name in _FIRST_KEYS}
    except KeyError as exc:
        raise RetrievalUnavailable(f"A stored passage lacks its {exc.args[0]!r}") from exc
    fields["heading_path"] = tuple(fields["heading_path"])
    fields.update((name, payload[name]) for name in _LATER_KEYS if name in payload)
    return Chunk(**fields)


def payloads_to_hits(payloads: Sequence[Mapping[str, Any]], scores: Iterable[float]) -> list[Hit]:
    """Return what a search found, of which `payloads` hold `HIT_KEYS`.

    Raises:
        RetrievalUnavailable: something else wrote them.
    """
    try:
        return [
            Hit(payload[CHUNK_ID], payload[BOOK], payload[DOCUMENT_ID], score)
            for payload, score in zip(payloads, scores, strict=True)
        ]
    except KeyError as exc:
        raise RetrievalUnavailable(f"A stored passage lacks its {exc.args[0]!r}") from exc


def lexicon_to_json(lexicon: Lexicon) -> dict[str, Any]:
    """Return a lexicon as stored: its numbers as little-endian bytes in base64."""
    return {
        "chunks": lexicon.chunks,
        "average_terms": lexicon.average_terms,
        "term_ids": _packed(lexicon.term_ids),
        "frequencies": _packed(lexicon.frequencies),
    }


def lexicon_from_json(stored: Mapping[str, Any]) -> Lexicon:
    """Return the lexicon that `lexicon_to_json` stored.

    Raises:
        RetrievalUnavailable: something else wrote it.
    """
    try:
        return Lexicon(
            int(stored["chunks"]),
            float(stored["average_terms"]),
            _unpacked(stored["term_ids"]),
            _unpacked(stored["frequencies"]),
        )
    except (KeyError, TypeError, ValueError) as exc:
        raise RetrievalUnavailable("An edition's lexicon cannot be read") from exc


def _packed(numbers: NDArray[np.uint32]) -> str:
    return base64.b64encode(numbers.astype("<u4").tobytes()).decode("ascii")


def _unpacked(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(base64.b64decode(text), "<u4").astype(np.uint32)


def editions_to_json(editions: BookEditions) -> dict[str, Any]:
    """Return which editions there are, as stored."""
    return {
        LIVE: editions.live and _book_to_json(editions.live),
        PREVIOUS: editions.previous and _book_to_json(editions.previous),
    }


def _book_to_json(book: Book) -> dict[str, Any]:
    """Return an edition without the one before it, which is told by where that is stored."""
    return {name: value for name, value in asdict(book).items() if name != "previous_edition"}


def editions_from_json(stored: Mapping[str, Any]) -> BookEditions:
    """Return which editions there are.

    Raises:
        RetrievalUnavailable: something else wrote it.
    """
    try:
        previous = Book(**stored[PREVIOUS]) if stored.get(PREVIOUS) else None
        before = previous.edition if previous else None
        live = Book(**stored[LIVE], previous_edition=before) if stored.get(LIVE) else None
        return BookEditions(live, previous)
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


def lexicon_to_payload(lexicon: Lexicon, book: Book) -> dict[str, Any]:
    """Return a lexicon as the payload of a point."""
    return {
        **lexicon_to_json(lexicon),
        KIND: KIND_LEXICON,
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
