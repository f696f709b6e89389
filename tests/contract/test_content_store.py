"""What holds for uploads, shelves and ingest jobs, whatever database they are in."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest

from proxy.caller import Caller
from proxy.store import IngestJob, JobStatus, Shelf, ShelvedFile, Store, Upload
from tests.support.stores import ANN, BEN, START

ROOT = Caller("key:root", "admin")


def _upload(n: int = 1, *, owner: Caller = ANN, purpose: str = "assistants") -> Upload:
    return Upload(
        file_id=f"file-{n}",
        owner_id=owner.caller_id,
        filename=f"guide/page {n}.md",
        purpose=purpose,
        size_bytes=6,
        created=START + timedelta(minutes=n),
    )


def _job(n: int = 1, *, book: str = "pumps", status: JobStatus = "queued") -> IngestJob:
    when = START + timedelta(minutes=n)
    return IngestJob(
        job_id=f"job-{n}",
        owner_id=ANN.caller_id,
        book=book,
        status=status,
        request={"files": [["a.md", "file-1"]]},
        created=when,
        updated=when,
    )


def _place(path: str = "a.md", n: int = 1, *, book: str = "pumps") -> ShelvedFile:
    return ShelvedFile(book, path, f"file-{n}", f"job-{n}", START, {"part": n})


async def _content(store: Store, file_id: str) -> list[bytes]:
    return [piece async for piece in store.uploads.content(file_id)]


async def test_an_upload_is_there_again_piece_by_piece(kept: Store) -> None:
    await kept.uploads.add(_upload(), iter([b"abc", b"\0\xff", b"d"]))
    assert await kept.uploads.find(ANN, "file-1") == _upload()
    assert await _content(kept, "file-1") == [b"abc", b"\0\xff", b"d"]
    assert await _content(kept, "file-2") == []


async def test_a_page_behind_somebody_elses_upload_is_as_behind_an_unknown_one(
    kept: Store,
) -> None:
    await kept.uploads.add(_upload(1), [b"x"])
    await kept.uploads.add(_upload(2, owner=BEN), [b"x"])
    for after in ("file-2", "file-unknown"):
        assert (await kept.uploads.uploads(ANN, limit=9, after=after)).records == []
    page = await kept.uploads.uploads(ROOT, limit=9, after="file-2")
    assert list(page.records) == [_upload(1)]


async def test_an_upload_that_breaks_off_leaves_nothing(kept: Store) -> None:
    class LostError(Exception):
        pass

    def broken() -> Iterator[bytes]:
        yield b"abc"
        raise LostError

    with pytest.raises(LostError):
        await kept.uploads.add(_upload(), broken())
    assert await kept.uploads.find(ROOT, "file-1") is None
    assert await _content(kept, "file-1") == []


async def test_uploads_are_their_owners_and_an_admins(kept: Store) -> None:
    await kept.uploads.add(_upload(1), [])
    await kept.uploads.add(_upload(2, owner=BEN), [])
    assert await kept.uploads.find(BEN, "file-1") is None
    assert not await kept.uploads.delete(BEN, "file-1")
    assert [one.file_id for one in (await kept.uploads.uploads(BEN, limit=9)).records] == ["file-2"]
    everything = await kept.uploads.uploads(ROOT, limit=9)
    assert [one.file_id for one in everything.records] == ["file-2", "file-1"]


async def test_uploads_come_in_pages_and_by_purpose(kept: Store) -> None:
    for n in range(1, 4):
        await kept.uploads.add(_upload(n, purpose="user_data" if n == 2 else "assistants"), [])
    first = await kept.uploads.uploads(ANN, limit=2)
    assert ([one.file_id for one in first.records], first.has_more) == (["file-3", "file-2"], True)
    rest = await kept.uploads.uploads(ANN, limit=2, after="file-2")
    assert ([one.file_id for one in rest.records], rest.has_more) == (["file-1"], False)
    assert (await kept.uploads.uploads(ANN, limit=2, after="nothing")).records == []
    other = await kept.uploads.uploads(ANN, limit=9, purpose="user_data")
    assert [one.file_id for one in other.records] == ["file-2"]


async def test_a_deleted_upload_is_gone_with_its_content(kept: Store) -> None:
    await kept.uploads.add(_upload(), [b"abc"])
    assert await kept.uploads.delete(ANN, "file-1")
    assert not await kept.uploads.delete(ANN, "file-1")
    assert await _content(kept, "file-1") == []


async def test_a_shelf_is_made_once(kept: Store) -> None:
    shelf = Shelf("pumps", "Of pumps", START, {"author": "Ann"})
    assert await kept.shelves.add(shelf)
    assert not await kept.shelves.add(Shelf("pumps", "Another", START))
    assert await kept.shelves.shelves() == [shelf]


async def test_files_stand_where_the_last_job_put_them(kept: Store) -> None:
    await kept.jobs.add(_job(1), shelved=[_place("a.md", 1), _place("b.md", 1)])
    await kept.jobs.add(_job(2), shelved=[_place("a.md", 2)], removed=["b.md", "unknown.md"])
    await kept.jobs.add(_job(3, book="gauges"), shelved=[_place("a.md", 2, book="gauges")])
    assert await kept.shelves.files("pumps") == [_place("a.md", 2)]
    assert [one.book for one in await kept.shelves.places("file-2")] == ["gauges", "pumps"]
    assert not await kept.shelves.clear("pumps")
    assert await kept.shelves.files("pumps") == []
    assert len(await kept.shelves.files("gauges")) == 1


async def test_a_job_is_there_again_as_it_was(kept: Store) -> None:
    await kept.jobs.add(_job(), shelved=[])
    assert await kept.jobs.find("job-1") == _job()
    assert await kept.jobs.find("job-2") is None
    assert await kept.jobs.found(["job-1", "job-2"]) == {"job-1": _job()}


async def test_the_job_that_waits_longest_is_claimed_by_one(kept: Store) -> None:
    for n in (2, 1):
        await kept.jobs.add(_job(n), shelved=[])
    now = START + timedelta(hours=1)
    claims = await asyncio.gather(*[kept.jobs.claim(now, stale=START) for _ in range(4)])
    taken = [claimed.job_id for claimed in claims if claimed]
    assert sorted(taken) == ["job-1", "job-2"]
    assert {claimed.status for claimed in claims if claimed} == {"running"}
    assert await kept.jobs.claim(now, stale=START) is None


async def test_a_job_whose_runner_fell_silent_is_claimed_anew(kept: Store) -> None:
    await kept.jobs.add(_job(), shelved=[])
    now = START + timedelta(hours=1)
    assert await kept.jobs.claim(now, stale=START)
    later = now + timedelta(minutes=1)
    assert await kept.jobs.beat("job-1", later) == "running"
    assert await kept.jobs.claim(later, stale=later) is None
    again = await kept.jobs.claim(later, stale=later + timedelta(seconds=1))
    assert again
    assert again.job_id == "job-1"


async def test_a_job_that_waits_is_cancelled_at_once_and_one_that_runs_when_it_ended(
    kept: Store,
) -> None:
    for n in (1, 2):
        await kept.jobs.add(_job(n), shelved=[])
    now = START + timedelta(hours=1)
    assert await kept.jobs.claim(now, stale=START)
    running = await kept.jobs.cancel("job-1", now)
    waiting = await kept.jobs.cancel("job-2", now)
    assert running
    assert waiting
    assert (running.status, waiting.status) == ("cancelling", "cancelled")
    assert await kept.jobs.beat("job-1", now) == "cancelling"
    assert await kept.jobs.has_open()
    assert await kept.jobs.settle("job-1", "cancelled", now)
    assert not await kept.jobs.has_open()
    assert await kept.jobs.cancel("job-9", now) is None


async def test_a_job_that_was_being_cancelled_when_its_runner_fell_silent_is_over(
    kept: Store,
) -> None:
    await kept.jobs.add(_job(), shelved=[])
    now = START + timedelta(hours=1)
    assert await kept.jobs.claim(now, stale=START)
    assert await kept.jobs.cancel("job-1", now)
    assert await kept.jobs.claim(now, stale=now + timedelta(seconds=1)) is None
    found = await kept.jobs.find("job-1")
    assert found
    assert found.status == "cancelled"


async def test_what_is_over_stays_as_it_is(kept: Store) -> None:
    await kept.jobs.add(_job(), shelved=[])
    now = START + timedelta(hours=1)
    await kept.jobs.note("job-1", {"done": 1}, now)
    assert await kept.jobs.settle("job-1", "completed", now, progress={"done": 2})
    assert not await kept.jobs.settle("job-1", "failed", now)
    await kept.jobs.note("job-1", {"done": 3}, now)
    later = now + timedelta(hours=1)
    assert await kept.jobs.beat("job-1", later) == "completed"
    found = await kept.jobs.cancel("job-1", later)
    assert found
    assert (found.status, found.progress, found.updated) == ("completed", {"done": 2}, now)


async def test_a_job_that_was_put_back_waits_behind_the_others(kept: Store) -> None:
    for n in (1, 2):
        await kept.jobs.add(_job(n), shelved=[])
    now = START + timedelta(hours=1)
    assert await kept.jobs.claim(now, stale=START)
    assert await kept.jobs.settle("job-1", "queued", now)
    claimed = await kept.jobs.claim(now, stale=START)
    assert claimed
    assert claimed.job_id == "job-2"
