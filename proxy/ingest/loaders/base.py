"""What every loader is given and what it gives back."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from proxy.corpus import Document
from proxy.errors import InvalidRequest

LOADER_VERSION = 1
"""Raised when a loader reads the same bytes differently, so that files are read anew."""

MAX_FILE_BYTES = 10 * 1024 * 1024
"""A chapter of ten million characters is a dump or a mistake; the longest real ones have one."""


class UnreadableSource(InvalidRequest):
    """A file cannot become a document; the message is one line for its author."""

    code = "unreadable_source"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to ingest."""

    path: Path
    document_id: str
    """Path relative to the book's root, with forward slashes."""

    def read(self) -> bytes:
        """Return the file's bytes.

        Raises:
            UnreadableSource: larger than `MAX_FILE_BYTES`, or not to be read.
        """
        try:
            with self.path.open("rb") as file:
                data = file.read(MAX_FILE_BYTES + 1)
        except OSError as exc:
            raise UnreadableSource(f"cannot be read: {exc.strerror}") from exc
        if len(data) > MAX_FILE_BYTES:
            raise UnreadableSource(f"larger than {MAX_FILE_BYTES // 1024**2} MB")
        return data


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is in order and yet no document."""

    note: str


Loader = Callable[[str, bytes], Document | Skipped]
"""From a `document_id` and the file's bytes to a document; raises `UnreadableSource`. Pure."""


def decode_text(data: bytes) -> str:
    """Return the text of a file, without its byte order mark and with line feeds for line ends.

    Raises:
        UnreadableSource: not UTF-8, or with NUL bytes in it.
    """
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        raise UnreadableSource(f"line {line} holds a NUL byte: this is no text file")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = data[: exc.start].count(b"\n") + 1
        raise UnreadableSource(f"line {line} is not UTF-8 text") from exc
    return text.replace("\r\n", "\n").replace("\r", "\n")


def content_hash(document_id: str, data: bytes) -> str:
    """Return the hex SHA-256 of what a document depends on: its place, its bytes, its loader."""
    head = f"{LOADER_VERSION}\n{document_id}\n".encode()
    return hashlib.sha256(head + data).hexdigest()
