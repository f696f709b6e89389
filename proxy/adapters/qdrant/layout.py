"""Where the embedded index keeps what, and the small JSON files among it.

    root/index.json                                 embedding model, dimensions, schema version
    root/locks/<book>.lock                          held by the book's writer
    root/books/<book>/book.json                     the live and the previous edition
    root/books/<book>/editions/<edition>/shard/     Qdrant Edge
    root/books/<book>/editions/<edition>/manifest.json

Readers and writers agree through these files alone, whatever process they are in. Each is replaced
in one step, `book.json` as the last of an edition.
"""

import contextlib
import os
import secrets
import shutil
from collections.abc import Collection, Generator, Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from proxy.adapters.qdrant import payload as stored
from proxy.adapters.qdrant.identity import IndexIdentity
from proxy.corpus import BOOK_ID, Book, Manifest, check_book_id
from proxy.errors import RetrievalUnavailable
from proxy.lexical.bm25 import Lexicon

# No id begins like that, so nobody takes it for a book or an edition.
_TRASH: Final = ".trash-"


class Layout:
    """The files below one root; all methods block."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._books = root / "books"

    def lock(self, book_id: str) -> Path:
        """Return the lock file of a book; outside its folder, because that may be deleted."""
        return self.root / "locks" / f"{check_book_id(book_id)}.lock"

    def book(self, book_id: str) -> Path:
        """Return the folder of a book.

        Raises:
            InvalidRequest: the id could lead out of the index.
        """
        return self._books / check_book_id(book_id)

    def edition(self, book: Book) -> Path:
        """Return the folder of one edition."""
        return self.book(book.book_id) / "editions" / book.edition

    def shard(self, book: Book) -> Path:
        """Return the folder of an edition's shard."""
        return self.edition(book) / "shard"

    def copy(self, book: Book) -> Path:
        """Return the folder where a draft keeps its copy of the live edition's shard."""
        return self.edition(book) / "source"

    def remove_copy(self, book: Book) -> None:
        """Remove a draft's copy of the live edition's shard, if there is one.

        Raises:
            RetrievalUnavailable: the folder cannot be written.
        """
        _remove_folder(self.copy(book))

    def verify(self, identity: IndexIdentity) -> None:
        """Return when the index, if it is there at all, was made for `identity`.

        Raises:
            ConfigurationError: it was made for another model or size.
            RetrievalUnavailable: it cannot be read.
        """
        metadata = read_json(self.root / "index.json")
        if metadata is not None:
            identity.require(metadata, where=f"The index in {self.root}")

    def create(self, identity: IndexIdentity) -> None:
        """Make the index unless it is there.

        Raises:
            ConfigurationError: it is there and was made for another model or size.
            RetrievalUnavailable: it cannot be read or written.
        """
        if read_json(self.root / "index.json") is None:
            write_json(self.root / "index.json", identity.to_metadata())
        self.verify(identity)

    def editions(self, book_id: str) -> stored.BookEditions:
        """Return which editions a book has.

        Raises:
            RetrievalUnavailable: the file cannot be read.
        """
        return stored.editions_from_json(read_json(self.book(book_id) / "book.json") or {})

    def all_editions(self) -> list[stored.BookEditions]:
        """Return which editions there are of each book, ordered by book id.

        Raises:
            RetrievalUnavailable: a file cannot be read.
        """
        with _translated():
            names = [path.name for path in self._books.iterdir()] if self._books.exists() else []
        return [self.editions(name) for name in sorted(names) if BOOK_ID.fullmatch(name)]

    def put_editions(self, book_id: str, editions: stored.BookEditions) -> None:
        """Change in one step which editions a book has.

        Raises:
            RetrievalUnavailable: the file cannot be written.
        """
        write_json(self.book(book_id) / "book.json", stored.editions_to_json(editions))

    def manifest(self, book: Book) -> Manifest:
        """Return what an edition was made from.

        Raises:
            RetrievalUnavailable: there is none, or it cannot be read.
        """
        return stored.manifest_from_json(read_json(self.edition(book) / "manifest.json") or {})

    def put_manifest(self, book: Book, manifest: Manifest) -> None:
        """Store what an edition was made from.

        Raises:
            RetrievalUnavailable: the file cannot be written.
        """
        write_json(self.edition(book) / "manifest.json", stored.manifest_to_json(manifest))

    def lexicon(self, book: Book) -> Lexicon | None:
        """Return an edition's lexicon, None for one that was made without.

        Raises:
            RetrievalUnavailable: it cannot be read.
        """
        found = read_json(self.edition(book) / "lexicon.json")
        return None if found is None else stored.lexicon_from_json(found)

    def put_lexicon(self, book: Book, lexicon: Lexicon) -> None:
        """Store what an edition's terms weigh.

        Raises:
            RetrievalUnavailable: the file cannot be written.
        """
        write_json(self.edition(book) / "lexicon.json", stored.lexicon_to_json(lexicon))

    def remove_edition(self, book: Book) -> None:
        """Remove an edition, if it is there.

        Raises:
            RetrievalUnavailable: the folder cannot be written.
        """
        _remove_folder(self.edition(book))

    def remove_book(self, book_id: str) -> None:
        """Remove a book with all its editions, if it is there; readers stop seeing it first.

        Raises:
            RetrievalUnavailable: the folder cannot be written.
        """
        with _translated():
            (self.book(book_id) / "book.json").unlink(missing_ok=True)
        _remove_folder(self.book(book_id))

    def sweep(self, book_id: str, *, keep: Collection[Book]) -> None:
        """Remove what killed writers left of this book: all but the editions in `keep`.

        Raises:
            RetrievalUnavailable: the folder cannot be written.
        """
        kept = {book.edition for book in keep}
        folder = self.book(book_id) / "editions"
        with _translated():
            names = [path.name for path in folder.iterdir()] if folder.exists() else []
        for name in names:
            if name not in kept:
                _remove_folder(folder / name)
        with _translated():
            for leftover in self._books.glob(f"{_TRASH}*"):
                shutil.rmtree(leftover, ignore_errors=True)


def read_json(path: Path) -> Any:
    """Return a file's contents, None where there is no file.

    Raises:
        RetrievalUnavailable: it cannot be read.
    """
    with _translated():
        try:
            return orjson.loads(path.read_bytes())
        except FileNotFoundError:
            return None
        except orjson.JSONDecodeError as exc:
            raise RetrievalUnavailable(f"The index's {path.name} is damaged") from exc


def write_json(path: Path, contents: Mapping[str, Any], *, mode: int = 0o644) -> None:
    """Replace a file in one step that survives a power cut; its folder is made if needed.

    Raises:
        RetrievalUnavailable: it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with _translated():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(
                temporary, "wb", opener=lambda name, flags: os.open(name, flags, mode)
            ) as file:
                file.write(orjson.dumps(contents, option=orjson.OPT_INDENT_2))
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(path.parent)


def _remove_folder(folder: Path) -> None:
    """Remove a folder that may not be there; nobody ever sees half of it."""
    with _translated():
        trash = folder.with_name(f"{_TRASH}{secrets.token_hex(4)}")
        with contextlib.suppress(FileNotFoundError):
            folder.rename(trash)
            shutil.rmtree(trash)


def _sync_folder(folder: Path) -> None:
    """Make a rename in the folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _translated() -> Generator[None]:
    try:
        yield
    except OSError as exc:
        raise RetrievalUnavailable(
            f"The index on disk cannot be used: {exc.strerror or exc}"
        ) from exc
