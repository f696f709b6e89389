"""The embedded index has one owner, and commands find it if it is a server."""

import os
import stat
from pathlib import Path

import pytest

from proxy.adapters.qdrant.owner import IndexOwner, ServerAddress, find_server
from proxy.errors import Conflict, RetrievalUnavailable
from tests.support.programs import running_program

_HOLD = """
import sys
from pathlib import Path
from proxy.adapters.qdrant.owner import IndexOwner
with IndexOwner(Path(sys.argv[1])) as owner:
    owner.announce("http://127.0.0.1:8000", "secret")
    print("ready", flush=True)
    sys.stdin.read()
"""


def test_one_process_owns_the_index_and_others_learn_which(tmp_path: Path) -> None:
    with (
        IndexOwner(tmp_path / "index"),
        pytest.raises(Conflict, match=str(os.getpid())),
        IndexOwner(tmp_path / "index"),
    ):
        pass
    with IndexOwner(tmp_path / "index"):
        pass


def test_an_owner_without_a_name_is_another_process(tmp_path: Path) -> None:
    with IndexOwner(tmp_path):
        (tmp_path / "owner.json").write_text("{")
        with pytest.raises(Conflict, match="another process"), IndexOwner(tmp_path):
            pass


def test_a_server_is_found_while_it_owns_the_index(tmp_path: Path) -> None:
    assert find_server(tmp_path) is None
    with IndexOwner(tmp_path) as owner:
        assert find_server(tmp_path) is None
        owner.announce("http://127.0.0.1:8000", "secret")
        expected = ServerAddress("http://127.0.0.1:8000", "secret", os.getpid())
        assert find_server(tmp_path) == expected
    assert find_server(tmp_path) is None


def test_nobody_else_can_read_the_token(tmp_path: Path) -> None:
    with IndexOwner(tmp_path) as owner:
        owner.announce("http://127.0.0.1:8000", "secret")
        mode = (tmp_path / "server.json").stat().st_mode
        assert stat.S_IMODE(mode) == 0o600


@pytest.mark.parametrize(
    "contents",
    ["{}", "[]", "[1]", "7", '{"url": "http://127.0.0.1:8000"}', '{"url":"","token":"","pid":[]}'],
)
def test_an_incomplete_address_is_none(tmp_path: Path, contents: str) -> None:
    with IndexOwner(tmp_path):
        (tmp_path / "server.json").write_text(contents)
        assert find_server(tmp_path) is None


def test_an_address_with_more_than_we_know_is_one(tmp_path: Path) -> None:
    with IndexOwner(tmp_path):
        (tmp_path / "server.json").write_text('{"url": "u", "token": "t", "pid": 1, "new": 2}')
        assert find_server(tmp_path) == ServerAddress("u", "t", 1)


def test_what_a_killed_server_left_is_not_believed(tmp_path: Path) -> None:
    with running_program(_HOLD, str(tmp_path)) as process:
        found = find_server(tmp_path)
        assert found is not None
        assert found.pid == process.pid
        with pytest.raises(Conflict, match=str(process.pid)), IndexOwner(tmp_path):
            pass
    assert (tmp_path / "server.json").exists()
    assert find_server(tmp_path) is None
    with IndexOwner(tmp_path):
        assert not (tmp_path / "server.json").exists()


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RetrievalUnavailable), IndexOwner(tmp_path / "file" / "index"):
        pass
