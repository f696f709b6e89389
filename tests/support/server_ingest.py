"""`python -m tests.support.server_ingest URL COLLECTION FOLDER JOURNAL`: one ingest to a server.

A process of its own, to be killed. It prints the texts that it had embedded, as JSON.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from proxy.adapters.qdrant.server_writer import ServerIndexWriter
from proxy.adapters.vector_journal import SqliteVectorJournal
from proxy.ingest.pipeline import ingest
from tests.support.hash_embedder import HashEmbedder
from tests.support.killed_ingests import BOOK, IDENTITY, Silent


async def ingested(url: str, collection: str, folder: Path, journal: Path) -> Sequence[str]:
    """Ingest the pages of a folder; return the texts that were embedded."""
    embedder = HashEmbedder()
    async with ServerIndexWriter(
        url=url, api_key=None, collection=collection, identity=IDENTITY, settle_s=0.0
    ) as writer:
        await ingest(
            [folder],
            book_id=BOOK,
            title="Book",
            base_url=None,
            edition=None,
            writer=writer,
            embedder=embedder,
            journal=SqliteVectorJournal(journal),
            progress=Silent(),
        )
    return embedder.embedded


if __name__ == "__main__":
    url, collection, folder, journal = sys.argv[1:]
    print(json.dumps(asyncio.run(ingested(url, collection, Path(folder), Path(journal)))))  # noqa: T201
