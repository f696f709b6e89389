"""Folders of an ingest: gone at its end, and after a kill with the next one."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from proxy.ingest.scratch import scratch_folder

_DIES_WITHIN = """
import os, pathlib, sys
from proxy.ingest.scratch import scratch_folder
with scratch_folder("site", below=pathlib.Path(sys.argv[1])) as folder:
    (folder / "page.html").write_text("half a page")
    os.kill(os.getpid(), 9)
"""


def _die_within(root: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _DIES_WITHIN, str(root)], check=False)
    assert done.returncode == -signal.SIGKILL


def test_a_folder_is_empty_and_gone_at_the_end(tmp_path: Path) -> None:
    with scratch_folder("site", below=tmp_path) as folder:
        assert list(folder.iterdir()) == []
        (folder / "page.html").write_text("text")
    assert list(tmp_path.iterdir()) == []


def test_it_is_gone_after_a_failure_too(tmp_path: Path) -> None:
    def fail() -> None:
        with scratch_folder("site", below=tmp_path):
            raise ValueError("no page")

    with pytest.raises(ValueError, match="no page"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_the_next_one_removes_what_a_killed_process_left(tmp_path: Path) -> None:
    _die_within(tmp_path)
    assert list(tmp_path.glob("book-proxy-site-*/content/page.html"))
    with scratch_folder("site", below=tmp_path):
        assert list(tmp_path.rglob("page.html")) == []


def test_it_leaves_alone_what_others_work_in_and_what_is_of_another_kind(tmp_path: Path) -> None:
    _die_within(tmp_path)
    with scratch_folder("job", below=tmp_path) as other:
        assert list(tmp_path.rglob("page.html"))
        with scratch_folder("job", below=tmp_path):
            assert other.is_dir()


def test_a_folder_of_somebody_elses_that_only_has_such_a_name_is_left_alone(tmp_path: Path) -> None:
    theirs = tmp_path / "book-proxy-site-handbook"
    theirs.mkdir()
    (theirs / "index.md").write_text("# Handbook")
    with scratch_folder("site", below=tmp_path):
        assert (theirs / "index.md").is_file()


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "book-proxy-site-x").symlink_to(elsewhere)
    with scratch_folder("site", below=tmp_path):
        assert list(elsewhere.iterdir()) == []
