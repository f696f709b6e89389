"""A shard of Qdrant Edge, and the copy of one that is open elsewhere."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from proxy.adapters.qdrant.shard import Shard, copy_shard, seal
from proxy.errors import RetrievalUnavailable
from proxy.queries import IndexQuery, Where
from tests.support.programs import running_program

POINT = "5b0a6a57-3f5c-5d0e-9d0f-6f0f4a1c2b3d"
VECTOR = np.array([1.0, 0.0, 0.0, 0.0], dtype=np.float32)
NEAR = IndexQuery(VECTOR, Where(), 3)

_HOLD_OPEN = """
import sys
from pathlib import Path
from proxy.adapters.qdrant.shard import Shard
shard = Shard.load(Path(sys.argv[1]), 4)
assert shard.count() == 1
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """The folder of a shard with one point."""
    shard = Shard.create(tmp_path / "published", 4)
    shard.upsert([(POINT, {"document_id": "a.md"}, VECTOR.tolist())])
    shard.flush()
    shard.close()
    seal(tmp_path / "published", 4)
    return tmp_path / "published"


def contents(folder: Path) -> dict[str, bytes]:
    """Return all that a shard's files hold."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_copy_of_a_shard_open_in_another_process_is_the_same_shard(
    published: Path, tmp_path: Path
) -> None:
    before = contents(published)
    with running_program(_HOLD_OPEN, str(published)):
        copy_shard(published, tmp_path / "copy")
        copied = contents(tmp_path / "copy")
        shard = Shard.load(tmp_path / "copy", 4)
        (page,) = shard.matching("document_id", ["a.md"])
        assert page == [({"document_id": "a.md"}, VECTOR.tolist())]
        shard.close()
    assert copied == before


def test_a_copy_takes_no_more_room_than_the_original(published: Path, tmp_path: Path) -> None:
    copy_shard(published, tmp_path / "copy")

    def blocks(folder: Path) -> int:
        return sum(path.stat().st_blocks for path in folder.rglob("*") if path.is_file())

    assert blocks(tmp_path / "copy") <= blocks(published) * 1.1 + 64


def test_reading_a_published_shard_changes_nothing_in_it(published: Path) -> None:
    before = contents(published)
    shard = Shard.load(published, 4)
    assert shard.find([NEAR], [3]) == [[({"document_id": "a.md"}, 1.0)]]
    assert shard.payloads([POINT]) == [{"document_id": "a.md"}]
    shard.close()
    assert contents(published) == before


def test_a_copy_passes_over_files_that_are_about_to_vanish(published: Path, tmp_path: Path) -> None:
    (published / ".atomicwriteXYZ").mkdir()
    copy_shard(published, tmp_path / "copy")
    assert not (tmp_path / "copy" / ".atomicwriteXYZ").exists()


def test_the_engines_failures_are_ours(published: Path, tmp_path: Path) -> None:
    with pytest.raises(RetrievalUnavailable):
        Shard.load(tmp_path / "nowhere", 4)
    with pytest.raises(RetrievalUnavailable):
        Shard.load(published, 16)
    with pytest.raises(RetrievalUnavailable):
        copy_shard(tmp_path / "nowhere", tmp_path / "copy")
    shard = Shard.load(published, 4)
    with pytest.raises(RetrievalUnavailable):
        shard.find([replace(NEAR, by=np.ones(3, dtype=np.float32))], [3])
    shard.close()
    with pytest.raises(RetrievalUnavailable):
        shard.find([NEAR], [3])


def test_our_own_mistakes_are_not_taken_for_the_engines(published: Path) -> None:
    shard = Shard.load(published, 4)
    with pytest.raises(TypeError):
        shard.find([NEAR], ["three"])  # type: ignore[list-item]
    shard.close()
