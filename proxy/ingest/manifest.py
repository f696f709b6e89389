"""What changed between the files of a book and its live edition. Pure."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, cast

from proxy.corpus import DocumentRecord, Manifest


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything besides the files that shapes chunks and vectors."""

    chunker_version: int
    target_tokens: int
    max_tokens: int
    title: str
    base_url: str | None
    embedding_model: str
    dimensions: int
    lexical_version: int
    language: str | None
    """None: as the text says."""
    quarantines: bool = False
    context: str = ""
    """Names how contexts of chunks are written; "": there are none."""

    def text(self) -> str:
        """Return it as an edition's manifest keeps it."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        if not self.context:  # editions from before there were any are not made anew
            del fields["context"]
        return json.dumps(fields, sort_keys=True, ensure_ascii=False)

    def shares_vectors_with(self, text: str) -> bool:
        """Tell whether vectors of an edition with the recipe `text` serve in one with this."""
        other = recipe_fields(text)
        mine = (self.embedding_model, self.dimensions)
        return (other.get("embedding_model"), other.get("dimensions")) == mine


def recipe_fields(text: str) -> Mapping[str, Any]:
    """Return what the recipe `text` says, nothing where it is none of `Recipe.text`."""
    try:
        fields: Any = json.loads(text)
    except ValueError:
        return {}
    return cast("Mapping[str, Any]", fields) if isinstance(fields, dict) else {}


@dataclass(frozen=True, slots=True)
class Changes:
    """Ids of documents, each in one of the four."""

    added: tuple[str, ...]
    updated: tuple[str, ...]
    unchanged: tuple[str, ...]
    deleted: tuple[str, ...]


def compare(
    hashes: Mapping[str, str],
    live: Manifest | None,
    *,
    recipe: str,
    kept: Collection[str] = (),
) -> Changes:
    """Return what an edition of documents with these content hashes changes, in their order.

    With another `recipe` nothing is unchanged. `kept` stay although they are not in `hashes`: what
    could not be read now is not gone.
    """
    records: Mapping[str, DocumentRecord] = live.documents if live else {}
    same_recipe = live is not None and live.recipe == recipe
    known = [name for name in hashes if name in records]
    same = {name for name in known if same_recipe and records[name].content_hash == hashes[name]}
    return Changes(
        added=tuple(name for name in hashes if name not in records),
        updated=tuple(name for name in known if name not in same),
        unchanged=tuple(name for name in known if name in same),
        deleted=tuple(name for name in records if name not in hashes and name not in kept),
    )


def is_within(document_id: str, places: Collection[str]) -> bool:
    """Tell whether a document is one of `places`, or below one."""
    return document_id in places or any(document_id.startswith(f"{place}/") for place in places)
