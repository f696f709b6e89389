"""One writer per book on a server: a lease in the book's catalogue entry.

Every change of the entry is an update filtered by the holder's token, which Qdrant applies to the
point as one operation, so that of two processes only one gets the lease, and one that lost it can
no longer publish. Limits: the filter on inserting needs Qdrant 1.16 (before, two *first* drafts of
one book may both begin, and the later one wins); the clocks of writing machines must agree to
within the lease's length.
"""

import asyncio
import contextlib
import os
import secrets
import socket
import time
from collections.abc import AsyncGenerator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from qdrant_client import AsyncQdrantClient, models

from proxy.adapters.qdrant import payload as stored
from proxy.adapters.qdrant.client import match, translated
from proxy.adapters.qdrant.naming import book_point_id
from proxy.errors import Conflict, RetrievalUnavailable

LEASE_S: Final = 30.0


class Lease:
    """The right to change one book, renewed in the background while it is held."""

    def __init__(
        self, client: AsyncQdrantClient, collection: str, book_id: str, *, length_s: float = LEASE_S
    ) -> None:
        self._client = client
        self._collection = collection
        self._book_id = book_id
        self._point_id = book_point_id(book_id)
        self._length_s = length_s
        self._token = secrets.token_hex(8)
        self.changed_unix_s = 0.0
        """When the entry was last changed before this lease was taken."""

    @contextlib.asynccontextmanager
    async def held(self) -> AsyncGenerator[stored.BookEditions]:
        """Hold the lease; yields which editions the book has.

        Leaving removes the catalogue entry of a book that still has no edition.

        Raises:
            Conflict: another process holds it.
            RetrievalUnavailable: the server failed.
        """
        try:
            editions = await self._acquire()
        except asyncio.CancelledError:
            # It may be ours already; what is not ours is left alone.
            await asyncio.shield(self._release())
            raise
        renewing = asyncio.create_task(self._renew_forever())
        try:
            yield editions
        finally:
            renewing.cancel()
            await asyncio.shield(self._release())

    async def write(self, changes: dict[str, Any]) -> None:
        """Set keys of the book's catalogue entry, all at once, and note the time.

        Raises:
            Conflict: the lease ran out and another process took it; nothing was changed.
            RetrievalUnavailable: the server failed.
        """
        now = {stored.CHANGED: time.time()}
        await self._set({**changes, **now}, match(stored.WRITER_TOKEN, self._token))
        writer = stored.payload_to_writer(await self._read() or {})
        if writer.token != self._token:
            raise self._conflict(writer)

    async def _acquire(self) -> stored.BookEditions:
        entry = await self._read()
        if entry is None:
            await self._insert()
        elif _is_dead(holder := stored.payload_to_writer(entry)):
            # Killed: no need to wait until its lease runs out.
            await self._set(self._ours(), match(stored.WRITER_TOKEN, holder.token))
        else:
            await self._set(
                self._ours(),
                models.FieldCondition(
                    key=stored.WRITER_EXPIRES, range=models.Range(lt=time.time())
                ),
            )
        entry = await self._read() or {}
        writer = stored.payload_to_writer(entry)
        if writer.token != self._token:
            raise self._conflict(writer)
        self.changed_unix_s = float(entry.get(stored.CHANGED, 0.0))
        return stored.editions_from_json(entry)

    async def _read(self) -> dict[str, Any] | None:
        async with translated():
            points = await self._client.retrieve(
                self._collection, [self._point_id], with_payload=True
            )
        return None if not points else points[0].payload

    async def _insert(self) -> None:
        """Insert the entry unless another process just did: no existing point passes the filter."""
        entry = stored.book_to_payload(self._book_id, self._writer())
        async with translated():
            await self._client.upsert(
                self._collection,
                [models.PointStruct(id=self._point_id, vector={}, payload=entry)],
                update_filter=models.Filter(
                    must_not=[models.HasIdCondition(has_id=[self._point_id])]
                ),
                ordering=models.WriteOrdering.STRONG,
            )

    async def _set(self, changes: dict[str, Any], condition: models.FieldCondition) -> None:
        async with translated():
            await self._client.set_payload(
                self._collection,
                changes,
                points=models.Filter(
                    must=[models.HasIdCondition(has_id=[self._point_id]), condition]
                ),
                ordering=models.WriteOrdering.STRONG,
            )

    async def _renew_forever(self) -> None:
        mine = match(stored.WRITER_TOKEN, self._token)
        while True:
            await asyncio.sleep(self._length_s / 3)
            # A failure here is seen, if it lasts, by whatever the holder does next.
            with contextlib.suppress(RetrievalUnavailable):
                await self._set(self._ours(), mine)

    async def _release(self) -> None:
        mine = match(stored.WRITER_TOKEN, self._token)
        entry = models.HasIdCondition(has_id=[self._point_id])
        never_published = models.IsEmptyCondition(is_empty=models.PayloadField(key=stored.LIVE))
        # When the server is down, the lease runs out by itself.
        with contextlib.suppress(RetrievalUnavailable):
            async with translated():
                await self._client.delete(
                    self._collection,
                    points_selector=models.FilterSelector(
                        filter=models.Filter(must=[entry, mine, never_published])
                    ),
                    ordering=models.WriteOrdering.STRONG,
                )
            await self._set({stored.WRITER: asdict(stored.NO_WRITER)}, mine)

    def _ours(self) -> dict[str, Any]:
        return {stored.WRITER: asdict(self._writer())}

    def _writer(self) -> stored.Writer:
        return stored.Writer(
            token=self._token,
            place=this_place(),
            pid=os.getpid(),
            expires_unix_s=time.time() + self._length_s,
        )

    def _conflict(self, writer: stored.Writer) -> Conflict:
        whom = f"process {writer.pid}" if writer.place == this_place() else "another machine"
        return Conflict(f"Book {self._book_id!r} is being written by {whom}; try again later")


def this_place() -> str:
    """Return what tells this machine, or this container on it, from others."""
    try:
        namespace = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        namespace = ""
    return f"{socket.gethostname()} {namespace}".strip()


def _is_dead(writer: stored.Writer) -> bool:
    """Return whether the writer was a process of this place and is no more.

    Wrong only towards False (its id was given to another process), or for two machines of one name
    without pid namespaces; then the robbed writer fails at `publish`, and nothing else happens.
    """
    if not writer.token or writer.place != this_place():
        return False
    try:
        os.kill(writer.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False
