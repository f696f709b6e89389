"""What an index is made for: one embedding model and one size, in its name and in its metadata.

The name keeps indexes of different models apart; the metadata proves, when one is opened, that it
is what its name says.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from proxy.adapters.qdrant.payload import VECTOR
from proxy.errors import ConfigurationError

SCHEMA_VERSION: Final = 1
"""Of all that this package stores; goes up when older code could not read what newer code wrote."""


@dataclass(frozen=True, slots=True)
class IndexIdentity:
    """The embedding model whose vectors an index holds."""

    model: str
    dimensions: int

    def collection(self, prefix: str) -> str:
        """Return the collection's name: `prefix__model__dimensions`, fit for a URL and a folder."""
        slug = re.sub(r"[^a-z0-9.]+", "-", self.model.lower()).strip("-.")
        return f"{prefix}__{slug or 'model'}__{self.dimensions}"

    def to_metadata(self) -> dict[str, Any]:
        """Return what is stored beside the vectors."""
        return {
            "embedding_model": self.model,
            "dimensions": self.dimensions,
            "schema_version": SCHEMA_VERSION,
        }

    def require(self, metadata: Mapping[str, Any], *, where: str) -> None:
        """Return when `metadata`, as far as it says anything, describes this index.

        Keys that are absent agree with everything: Qdrant before 1.16 stores no metadata.

        Raises:
            ConfigurationError: naming `where` and what differs.
        """
        for key, expected in self.to_metadata().items():
            found = metadata.get(key, expected)
            if found != expected:
                raise ConfigurationError(
                    f"{where} was made with {key}={found!r}, the settings say {expected!r}: "
                    "choose another QDRANT_COLLECTION, or delete it and ingest again"
                )

    def require_collection(self, config: Mapping[str, Any], name: str) -> None:
        """Return when a server's collection, its `config` as REST reports it, fits this index.

        Raises:
            ConfigurationError: it was made for another model, size or distance.
        """
        where = f"Qdrant collection {name!r}"
        self.require(config.get("metadata") or {}, where=where)
        vectors: dict[str, Any] = config["params"].get("vectors") or {}
        vector = vectors.get(VECTOR)
        if vector is None:
            raise ConfigurationError(f"{where} has no vector named {VECTOR!r}: it is not ours")
        self.require({"dimensions": vector["size"]}, where=where)
        if vector["distance"] != "Cosine":
            raise ConfigurationError(f"{where} compares by {vector['distance']}, not by Cosine")
