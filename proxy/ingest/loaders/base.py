"""What every loader is given and what it gives back."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from proxy.corpus import Document
from proxy.errors import InvalidRequest
from proxy.ingest.loaders.archive import ArchiveError, read_member

LOADER_VERSION = 3
"""Raised when a loader reads the same bytes differently, so that files are read anew."""

MAX_TEXT_BYTES = 10 * 1024 * 1024
"""A chapter of ten million characters is a dump or a mistake; the longest real ones have one."""
MAX_BINARY_BYTES = 100 * 1024 * 1024
"""Of a PDF, an EPUB or a DOCX: most of it is pictures, which are not read."""


class UnreadableSource(InvalidRequest):
    """A file cannot become a document; the message is one line for its author."""

    code = "unreadable_source"


class Beside(Protocol):
    """The files around one file, of which its page may be made too (partials, sidebars).

    Paths have forward slashes and begin at the folder that may be looked into: the book's root, or
    that of the site which the book is a part of.
    """

    @property
    def place(self) -> str:
        """Return the path of the book's root, "" where that is where paths begin."""
        ...

    def read(self, path: str) -> bytes | None:
        """Return the file at `path`, None where there is none that may be read."""
        ...

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names in a folder in order, those of folders with a slash behind them."""
        ...


class Alone:
    """Implements `Beside` for a file that has nothing beside it."""

    place = ""

    def read(self, path: str) -> None:  # noqa: ARG002 - whatever is asked for
        """Return None."""
        return

    def names(self, folder: str) -> tuple[str, ...]:  # noqa: ARG002 - whatever is asked for
        """Return none."""
        return ()


ALONE = Alone()


@dataclass(frozen=True, slots=True)
class Source:
    """A file as its loader gets it."""

    document_id: str
    """Path relative to the book's root, with forward slashes."""
    data: bytes
    beside: Beside = ALONE


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to ingest, or one page of a file that holds many."""

    path: Path
    document_id: str
    """Path relative to the book's root, with forward slashes."""
    member: str | None = None
    """Name of the page within the archive at `path`."""
    beside: Beside = field(default=ALONE, compare=False)
    shown_as: str | None = None
    """What its author knows it by, where that is not its path."""
    reads_as: str | None = None
    """The extension of its format, where its name has none or another."""
    content: bytes | None = None
    """What it holds, where it is no file of its own but follows from the one at `path`."""

    @property
    def label(self) -> str:
        """Return what its author knows it by."""
        if self.shown_as is not None:
            return self.shown_as
        if self.content is not None:
            return f"{self.path} ({self.document_id})"
        return str(self.path) if self.member is None else f"{self.path}/{self.member}"

    @property
    def size(self) -> int:
        """Return its size in bytes, 0 where that is not known."""
        if self.content is not None:
            return len(self.content)
        try:
            return 0 if self.member is not None else self.path.stat().st_size
        except OSError:
            return 0

    def read(self, max_bytes: int = MAX_TEXT_BYTES) -> bytes:
        """Return the file's bytes.

        Raises:
            UnreadableSource: larger than `max_bytes`, or not to be read.
        """
        if self.content is not None:
            return self.content
        try:
            if self.member is not None:
                return read_member(self.path, self.member, max_bytes)
            with self.path.open("rb") as file:
                data = file.read(max_bytes + 1)
        except ArchiveError as exc:
            raise UnreadableSource(str(exc)) from exc
        except OSError as exc:
            raise UnreadableSource(f"cannot be read: {exc.strerror}") from exc
        if len(data) > max_bytes:
            raise UnreadableSource(f"larger than {max_bytes // 1024**2} MB")
        return data


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is in order and yet no document."""

    note: str


Loader = Callable[[Source], Document | Skipped]
"""From a file to a document; raises `UnreadableSource`. Pure but for what it reads beside it."""


def _on_nothing_else(source: Source) -> Iterable[bytes]:  # noqa: ARG001 - most formats
    return ()


@dataclass(frozen=True, slots=True)
class Format:
    """How files of one kind are read."""

    load: Loader
    max_bytes: int = MAX_TEXT_BYTES
    depends_on: Callable[[Source], Iterable[bytes]] = _on_nothing_else
    """Returns what the document is made of besides the file itself."""

    def content_hash(self, source: Source) -> str:
        """Return the hex SHA-256 of all that the document is made of: equal ones, equal pages."""
        digest = hashlib.sha256(f"{LOADER_VERSION}\n{source.document_id}\n".encode())
        for part in (source.data, *self.depends_on(source)):
            digest.update(len(part).to_bytes(8))
            digest.update(part)
        return digest.hexdigest()


def decode_text(data: bytes) -> str:
    """Return the text of a file, without its byte order mark and with line feeds for line ends.

    Raises:
        UnreadableSource: not UTF-8, or with NUL bytes in it.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _normalized(_decoded(data, "utf-16"))
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        raise UnreadableSource(f"line {line} holds a NUL byte: this is no text file")
    return _normalized(_decoded(data, "utf-8-sig"))


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as exc:
        line = data[: exc.start].count(b"\n") + 1
        raise UnreadableSource(f"line {line} is not UTF-8 text") from exc


def _normalized(text: str) -> str:
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise UnreadableSource(f"line {line} holds a NUL byte: this is no text file")
    return text.replace("\r\n", "\n").replace("\r", "\n")
