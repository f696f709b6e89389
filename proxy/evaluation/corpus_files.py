"""The documents of a question set as files that an ingest reads, under names that lead back."""

import re
from collections.abc import Iterable
from pathlib import Path

_SAFE_PATH = re.compile(r"(?:[A-Za-z0-9][\w.-]*/)*[A-Za-z0-9][\w.-]*")
_MARKDOWN = (".md", ".mdx", ".markdown")


def write_documents(folder: Path, documents: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Write each (id, Markdown) below `folder`; return the ids by path.

    An id that is a path stays one, for a book's folders are its chapters; another is numbered.
    """
    ids: dict[str, str] = {}
    for number, (document_id, text) in enumerate(documents):
        name = _path_of(document_id, number)
        path = folder / name
        if path.exists() or any(parent.is_file() for parent in path.parents):
            name = f"document-{number}.md"
            path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        ids[name] = document_id
    return ids


def _path_of(document_id: str, number: int) -> str:
    if len(document_id) > 200 or not _SAFE_PATH.fullmatch(document_id):
        return f"document-{number}.md"
    return document_id if document_id.endswith(_MARKDOWN) else f"{document_id}.md"
