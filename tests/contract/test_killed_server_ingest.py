"""An ingest to a Qdrant server, killed at any request: the next one makes the same index."""

import asyncio
import json
import os
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from qdrant_client import AsyncQdrantClient

from proxy.adapters.qdrant import payload as stored
from proxy.adapters.qdrant.naming import edition_key
from tests.support.deadly_gate import DeadlyGate, deadly_gate
from tests.support.environment import clean_environment
from tests.support.killed_ingests import BOOK, FIRST, SECOND, write_book
from tests.support.serving import REPOSITORY

STEP = 1 if os.environ.get("PROXY_TEST_SLOW") == "1" else 17  # noqa: TID251 - of the tests
"""Every request takes minutes (`make test-slow`)."""


@dataclass(frozen=True, slots=True)
class Server:
    """A collection of its own on a server, and folders for what is ingested."""

    client: AsyncQdrantClient
    gate: DeadlyGate
    folder: Path

    async def ingest(self, collection: str, pages: str) -> list[str] | None:
        """Ingest; return the texts that were embedded, None where it was killed."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.support.server_ingest", self.gate.url, collection),
            *(str(self.folder / pages), str(self.folder / collection)),
            cwd=REPOSITORY,
            env=clean_environment({}),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        self.gate.kill = process.kill
        out, _ = await process.communicate()
        return json.loads(out) if process.returncode == 0 else None

    async def live(self, collection: str) -> tuple[Mapping[str, Any], set[str]]:
        """Return the chunks of the live edition, and the editions of which anything is stored."""
        points, _ = await self.client.scroll(
            collection, limit=1_000, with_payload=True, with_vectors=True
        )
        payloads = [point.payload or {} for point in points]
        [entry] = [one for one in payloads if one[stored.KIND] == stored.KIND_BOOK]
        live = stored.editions_from_json(entry).live
        assert live is not None
        key = edition_key(BOOK, live.edition)
        chunks: dict[str, Any] = {}
        for point in points:
            fields = dict(point.payload or {})
            if fields.pop(stored.EDITION, None) == key and fields[stored.KIND] == stored.KIND_CHUNK:
                vectors: Any = point.vector
                vector = [round(number, 5) for number in vectors[stored.VECTOR]]
                chunks[fields[stored.CHUNK_ID]] = (fields, vector)
        return chunks, {one[stored.EDITION] for one in payloads if stored.EDITION in one}


@pytest.mark.parametrize("fate", ["lost", "answered"])
async def test_a_kill_at_any_request_is_made_good_by_the_next_ingest(
    qdrant_url: str, tmp_path: Path, fate: str
) -> None:
    write_book(tmp_path / "first", FIRST)
    write_book(tmp_path / "second", SECOND)
    client = AsyncQdrantClient(url=qdrant_url, check_compatibility=False)
    async with deadly_gate(qdrant_url) as gate:
        server = Server(client, gate, tmp_path)
        expected = f"killed-{uuid.uuid4().hex}"
        await server.ingest(expected, "first")
        before, _ = await server.live(expected)
        gate.requests = 0
        assert len(await server.ingest(expected, "second") or ()) == 2
        needed = gate.requests
        after, _ = await server.live(expected)
        gate.passes_it_on = fate == "answered"
        kills = 0
        for moment in range(1 + STEP // 2, needed, STEP):
            collection = f"killed-{uuid.uuid4().hex}"
            gate.deadly = 0
            await server.ingest(collection, "first")
            gate.requests, gate.deadly = 0, moment
            kills += await server.ingest(collection, "second") is None
            left, _ = await server.live(collection)
            assert left in (before, after)
            gate.deadly = 0
            embedded = await server.ingest(collection, "second")
            assert embedded is not None
            assert len(embedded) <= 2
            made, editions = await server.live(collection)
            assert made == after
            assert len(editions) <= 2
            await client.delete_collection(collection)
        assert kills > (needed // STEP) // 2
        await client.delete_collection(expected)
    await client.close()
