"""One Qdrant Edge shard: the points of one edition, in a folder of their own.

Shards are made without a write-ahead log, which halves their size and leaves no lock on them; what
was added is durable once `flush` returns. Documents and folders have payload indexes, for a search
within one page would otherwise read every payload (60 ms at 10,000 chunks, 0.1 ms with them); the
book and the edition need none, because a shard holds nothing but one edition.

Everything here blocks; callers bring a thread.
"""

import contextlib
import errno
import os
import shutil
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import qdrant_edge as edge

from proxy.adapters.qdrant import payload as stored
from proxy.adapters.qdrant.batching import batches
from proxy.errors import RetrievalUnavailable
from proxy.lexical.bm25 import TermWeights
from proxy.queries import FloatVector, IndexQuery, Where

# The interpreter lock is held for one batch at a time: 8 ms for 256 chunks, 2 ms for 64.
_PAGE: Final = 64
_FILTER_VALUES: Final = 500
_BLOCK_BYTES: Final = 1 << 20
# Small files are replaced by way of these folders, also by a process that merely reads.
_TEMPORARY: Final = ".atomicwrite*"

Scored = tuple[dict[str, Any], float]
"""Payload (`stored.HIT_KEYS` of it) and score."""
Point = tuple[str, Mapping[str, Any], Sequence[float]]
"""Id, payload and vector."""
Stored = tuple[dict[str, Any], list[float]]
"""Payload and vector."""


class Shard:
    """An open shard; all methods raise RetrievalUnavailable when the engine fails."""

    def __init__(self, shard: edge.EdgeShard) -> None:
        self._shard = shard

    @classmethod
    def create(cls, path: Path, dimensions: int) -> "Shard":
        """Make an empty shard in a folder that need not exist."""
        path.mkdir(parents=True, exist_ok=True)
        with _translated():
            return cls(edge.EdgeShard.create(str(path), _config(dimensions, has_terms=True)))

    @classmethod
    def load(cls, path: Path, dimensions: int) -> "Shard":
        """Open a shard."""
        with _translated():
            return cls(edge.EdgeShard.load(str(path), _config(dimensions, has_terms=False)))

    def upsert(self, points: Sequence[Point]) -> None:
        """Store points; `flush` makes them durable."""
        for batch in batches(points, _PAGE):
            with _translated():
                self._shard.update(
                    edge.UpdateOperation.upsert_points(
                        [
                            edge.Point(point_id, {stored.VECTOR: list(vector)}, dict(payload))
                            for point_id, payload, vector in batch
                        ]
                    )
                )

    def add_weights(self, weights: Mapping[str, TermWeights]) -> None:
        """Store what the terms of points weigh, by point id; `flush` makes it durable."""
        for batch in batches(weights.items(), _PAGE):
            vectors = [
                edge.PointVectors(point_id, {stored.TERMS: _sparse(terms)})
                for point_id, terms in batch
            ]
            with _translated():
                self._shard.update(edge.UpdateOperation.update_vectors(vectors))

    def find(self, queries: Sequence[IndexQuery], limits: Sequence[int]) -> list[list[Scored]]:
        """Return for each query the best `limits` points, best first; ties in any order.

        Of `IndexQuery.where` the books are left aside: a shard holds one.
        """
        requests = [
            edge.QueryRequest(
                limit=limit,
                query=_nearest(query.by),
                filter=_filter(query.where),
                with_payload=list(stored.HIT_KEYS),
            )
            for query, limit in zip(queries, limits, strict=True)
        ]
        with _translated():
            found = self._shard.query_batch(edge.QueryBatchRequest(requests))
        return [[(hit.payload or {}, hit.score) for hit in hits] for hits in found]

    def payloads(self, point_ids: Sequence[str]) -> list[dict[str, Any]]:
        """Return the payloads of the points that are there, in any order."""
        with _translated():
            # `with_vector` has a default in the stubs only.
            records = self._shard.retrieve(list(point_ids), with_payload=True, with_vector=False)
        return [record.payload for record in records if record.payload is not None]

    def matching(self, key: str, values: Sequence[str]) -> Iterator[list[Stored]]:
        """Yield the points whose payload holds one of `values` under `key`, a page at a time."""
        for batch in batches(values, _FILTER_VALUES):
            wanted = edge.Filter(must=[edge.FieldCondition(key, match=edge.MatchAny(batch))])
            for records in self._pages(wanted, with_vector=True):
                yield [_contents(record) for record in records]

    def all_payloads(self) -> Iterator[list[dict[str, Any]]]:
        """Yield the payloads of all points, a page at a time."""
        for records in self._pages(None, with_vector=False):
            yield [record.payload or {} for record in records]

    def _pages(
        self, wanted: edge.Filter | None, *, with_vector: bool
    ) -> Iterator[list[edge.Record]]:
        offset: edge.PointId | None = None
        while True:
            request = edge.ScrollRequest(
                offset=offset,
                limit=_PAGE,
                filter=wanted,
                with_payload=True,
                with_vector=with_vector,
            )
            with _translated():
                records, offset = self._shard.scroll(request)
            if records:
                yield records
            if offset is None:
                break

    def count(self) -> int:
        """Return the number of points."""
        with _translated():
            return self._shard.count(edge.CountRequest())

    def flush(self) -> None:
        """Make everything stored so far durable.

        Like opening and closing, this holds the interpreter lock while it waits for the disk.
        """
        with _translated():
            self._shard.flush()

    def index_payload(self, *keys: str) -> None:
        """Make filters by these keys quick: without, one reads every payload there is."""
        for key in keys:
            with _translated():
                self._shard.update(
                    edge.UpdateOperation.create_field_index(key, edge.PayloadSchemaType.Keyword)
                )

    def optimize(self) -> None:
        """Build the graph of nearest neighbours; holds the interpreter lock for seconds."""
        with _translated():
            self._shard.optimize()

    def close(self) -> None:
        """Close the shard's files."""
        with _translated():
            self._shard.close()


def seal(path: Path, dimensions: int) -> None:
    """Make the last change to a closed shard: from now on readers leave every byte as it is.

    The first to open a shard after it was written works its journal in and removes it; a copy
    made in that moment could miss what was in it.
    """
    Shard.load(path, dimensions).close()


def copy_shard(source: Path, target: Path) -> None:
    """Copy a sealed shard, which another process may have open.

    Raises:
        RetrievalUnavailable: a file cannot be read or written.
    """
    try:
        shutil.copytree(
            source,
            target,
            ignore=shutil.ignore_patterns(_TEMPORARY),
            copy_function=_copy_sparse,
        )
    except (OSError, shutil.Error) as exc:
        raise RetrievalUnavailable("The live edition cannot be copied") from exc


def _copy_sparse(source: str, target: str) -> None:
    """Copy a file with its holes: Qdrant reserves 64 MB even for a few kilobytes."""
    with Path(source).open("rb") as read, Path(target).open("wb") as written:
        size = os.fstat(read.fileno()).st_size
        os.truncate(written.fileno(), size)
        end = 0
        while end < size:
            try:
                start = os.lseek(read.fileno(), end, os.SEEK_DATA)
            except OSError as exc:
                if exc.errno != errno.ENXIO:
                    raise
                return  # nothing but a hole up to the end of the file
            end = os.lseek(read.fileno(), start, os.SEEK_HOLE)
            while start < end:
                block = os.pread(read.fileno(), min(end - start, _BLOCK_BYTES), start)
                start += os.pwrite(written.fileno(), block, start)


def _config(dimensions: int, *, has_terms: bool) -> edge.EdgeConfig:
    """Return how a shard is made or opened; opened without naming them, it keeps what it has."""
    return edge.EdgeConfig(
        vectors={
            stored.VECTOR: edge.EdgeVectorParams(size=dimensions, distance=edge.Distance.Cosine)
        },
        sparse_vectors={stored.TERMS: edge.EdgeSparseVectorParams()} if has_terms else None,
        # One edition has one segment or two; more threads would only multiply by the books.
        max_search_threads=1,
        wal_enabled=False,
    )


def _nearest(by: FloatVector | TermWeights) -> edge.Query:
    if isinstance(by, Mapping):
        return edge.Query.Nearest(_sparse(by), using=stored.TERMS)
    return edge.Query.Nearest(np.asarray(by, dtype=np.float32).tolist(), using=stored.VECTOR)


def _sparse(weights: TermWeights) -> edge.SparseVector:
    return edge.SparseVector(indices=list(weights.keys()), values=list(weights.values()))


def _filter(where: Where) -> edge.Filter | None:
    wanted = (
        (stored.ROUTE, where.routes),
        (stored.DOCUMENT_ID, where.document_ids),
        (stored.FOLDER, where.folders),
        (stored.ANCHOR, where.anchors),
    )
    conditions: list[Any] = [
        edge.FieldCondition(key, match=edge.MatchAny(list(values)))
        for key, values in wanted
        if values is not None
    ]
    return edge.Filter(must=conditions) if conditions else None


def _contents(record: edge.Record) -> Stored:
    named: Any = record.vector
    return record.payload or {}, named[stored.VECTOR]


@contextlib.contextmanager
def _translated() -> Generator[None]:
    try:
        yield
    except Exception as exc:
        # The engine's errors are bare `Exception`s; a subclass is a defect of ours.
        if type(exc) is not Exception:
            raise
        raise RetrievalUnavailable(f"The embedded index failed: {exc}") from exc
