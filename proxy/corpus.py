"""What a book is made of: the words that ingest and retrieval share.

Ingest turns files into `Document`s of `Section`s and cuts those into `Chunk`s; retrieval finds a
`Chunk` again as a `Passage` with a score. Plain data: no I/O, no vendor.
"""

import hashlib
import posixpath
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from proxy.errors import InvalidRequest

_REMEMBERED_IDS = 16_384
_CHUNK_NAMESPACE = uuid.UUID("5b0a6a57-3f5c-5d0e-9d0f-6f0f4a1c2b3d")


SECTION_BREAK = "\n\n"

SELECTION_ID = "selection"
"""Stands for a chunk's id in what a reader selected, which is in no index."""


@dataclass(frozen=True, slots=True)
class Section:
    """One heading of a page with the text below it, up to the next heading."""

    heading_path: tuple[str, ...]
    """Headings from the page's title down to this one; never empty."""
    anchor: str
    """The heading's id on the page, as the site makes it; "" for the text above any heading."""
    markdown: str
    """The text below the heading, the heading's own line left out; code fences whole."""


@dataclass(frozen=True, slots=True)
class Document:
    """One page of a book."""

    document_id: str
    """Path of the source file relative to the book's root, with forward slashes."""
    title: str
    route: str
    """URL path of the page below the base URL, with a leading slash, as the site serves it."""
    sections: tuple[Section, ...]
    chapter_path: str | None = None
    """The path whose folders name its chapter; "" where heading paths do, None: `document_id`."""
    hidden: tuple[str, ...] = ()
    """Text that the page holds and that its readers do not see; in no section."""
    comments: tuple[str, ...] = ()
    """What authors wrote for each other; in no section."""

    @property
    def text(self) -> str:
        """The page as it was read: its sections' Markdown, `SECTION_BREAK` between each two."""
        return SECTION_BREAK.join(section.markdown for section in self.sections)


@dataclass(frozen=True, slots=True)
class Chunk:
    """The unit of finding: a piece of one section."""

    chunk_id: str
    book: str
    document_id: str
    title: str
    """Title of the page."""
    heading_path: tuple[str, ...]
    anchor: str
    url: str | None
    """Base URL + route + `#anchor`; None for a book without a base URL."""
    position: int
    """Reading order within the document, from 0."""
    text: str
    """Markdown."""
    chapter: str = ""
    """What readers call the part of the book that the page stands in; "" for none."""
    ordinal: int = 0
    """Reading order within the section, from 0; names the chunk's neighbours."""
    section_chunks: int = 0
    """How many chunks the section has; 0 where that is not known."""
    route: str = ""
    """URL path of the page below the base URL, as `Document.route`."""
    context: str = ""
    """What a model said of where the text stands; found by, never shown and never cited."""
    start_char: int = 0
    """Where it begins in `Document.text`, in characters."""
    end_char: int = 0
    """Behind its last character there; 0 in an edition that was made before these were kept. What
    stands between is `text`, but for the fence of cut code and the repeated head of a cut table."""

    @property
    def header(self) -> str:
        """Where the chunk stands: chapter › page › section."""
        return " › ".join((self.chapter, *self.heading_path) if self.chapter else self.heading_path)

    @property
    def indexed_text(self) -> str:
        """The text that is found: where it stands in the book, then what it says."""
        context = f"{self.context}\n\n" if self.context else ""
        return f"{self.header}\n\n{context}{self.text}"

    @property
    def folder(self) -> str:
        """The folder of the page, which is its chapter; "" at the top."""
        return posixpath.dirname(self.document_id)

    @property
    def is_selection(self) -> bool:
        """Whether it is what a reader selected, rather than what was found."""
        return self.chunk_id == SELECTION_ID

    @property
    def text_hash(self) -> str:
        """Hex SHA-256 of `indexed_text`: equal hashes have equal vectors."""
        return hashlib.sha256(self.indexed_text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk that was found."""

    chunk: Chunk
    score: float
    """How well it fits the question, higher is better; `rag/confidence.py` says on which scale."""


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """What an edition remembers of one document."""

    content_hash: str
    chunks: int


@dataclass(frozen=True, slots=True)
class Book:
    """A book as readers see it: its live edition."""

    book_id: str
    title: str
    edition: str
    """Unique among all editions of all books; sorts by time of making within a book."""
    base_url: str | None
    embedding_model: str
    dimensions: int
    created_unix_s: int
    documents: int = 0
    chunks: int = 0
    language: str = ""
    """Two letters; "" for an edition that was made before languages were told apart."""
    previous_edition: str | None = field(default=None, compare=False)
    """What a rollback would make the live one; not of the edition itself, and so not compared."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an edition was made from, so that the next ingest pays only for what changed."""

    recipe: str
    """Names everything besides the files that shapes chunks (chunker version, base URL, …); an
    edition with another recipe is made anew."""
    documents: Mapping[str, DocumentRecord] = field(default_factory=dict[str, DocumentRecord])
    """By `document_id`."""


@lru_cache(maxsize=_REMEMBERED_IDS)
def chunk_id_for(book: str, document_id: str, anchor: str, ordinal: int) -> str:
    """Return the id of the `ordinal`-th chunk below `anchor`.

    It names a place, not a text, so that a citation made yesterday still leads to the section
    after an edit.
    """
    return str(uuid.uuid5(_CHUNK_NAMESPACE, "\n".join((book, document_id, anchor, str(ordinal)))))


BOOK_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
"""What a book may be called: safe in URLs, file names and filters."""


def check_book_id(book_id: str) -> str:
    """Return `book_id`.

    Raises:
        InvalidRequest: it is not a valid name (`param="book"`).
    """
    if not BOOK_ID.fullmatch(book_id):
        raise InvalidRequest(
            f"{book_id[:64]!r} is no book id: up to 64 of a-z, 0-9, '.', '_' and '-',"
            " the first a letter or digit",
            param="book",
        )
    return book_id


EDITION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
"""What an edition may be called: a folder name too, so no separator and no leading dot."""


def check_edition(edition: str) -> str:
    """Return `edition`.

    Raises:
        InvalidRequest: it is not a valid name (`param="edition"`).
    """
    if not EDITION.fullmatch(edition):
        raise InvalidRequest(
            f"{edition[:64]!r} is no name of an edition: up to 128 letters, digits, '.', '_' and"
            " '-', the first a letter or digit",
            param="edition",
        )
    return edition


NOWHERE = "none"
"""Given as a base URL: the book has no site, or no longer."""


def check_base_url(base_url: str) -> str:
    """Return `base_url`.

    Raises:
        InvalidRequest: pages cannot be below it (`param="base_url"`).
    """
    if not base_url.startswith(("http://", "https://")) or set("?# \n").intersection(base_url):
        raise InvalidRequest(
            f"{base_url[:200]!r} is no base URL: it begins with https:// (or http://)"
            " and has no query and no fragment",
            param="base_url",
        )
    return base_url
