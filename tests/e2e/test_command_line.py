"""The command line, alone and beside a running server that owns the embedded index."""

import json
import re
import shutil
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.command_line import CommandLine
from tests.support.qdrant_server import running_qdrant
from tests.support.sample_books import PUMPS, PUMPS_URL, write_pumps
from tests.support.serving import BookProxy, run_cli
from tests.support.waiting import LONG_ENOUGH_S

QUESTION = "When does the Quillon pump start by itself?"
SUMMARY = {"added", "updated", "unchanged", "deleted", "failed"}


class Shell:
    """Runs commands on one data folder."""

    def __init__(self, commands: CommandLine, data_dir: Path) -> None:
        self._commands = commands
        self._env = {"PROXY_DATA_DIR": str(data_dir)}

    def run(self, *args: str) -> "subprocess.CompletedProcess[str]":
        """Run a command."""
        return self._commands(*args, env=self._env)

    def __call__(self, *args: str, code: int = 0) -> str:
        """Run a command that ends with `code`; return what it printed."""
        done = self.run(*args)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout if code == 0 else done.stdout + done.stderr

    def json(self, *args: str) -> Any:
        """Run a command and return the one JSON value on its stdout."""
        return json.loads(self(*args, "--json"))


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the book; tests add pages and take them away again."""
    return write_pumps(tmp_path_factory.mktemp("sources") / PUMPS)


@pytest.fixture(scope="module", params=["alone", "beside a server"])
def shell(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    command_line: CommandLine,
    book: Path,
) -> Generator[Shell]:
    """Commands on a data folder with the book in it, with and without its server running."""
    data_dir = tmp_path_factory.mktemp("data")
    shell = Shell(command_line, data_dir)
    args = (str(book), "--book", PUMPS, "--title", "Pumps", "--base-url", PUMPS_URL)
    if request.param == "alone":
        shell("ingest", *args)
        yield shell
    else:
        with BookProxy(data_dir=data_dir):
            shell("ingest", *args)
            yield shell


def test_search_gives_passages_best_first(shell: Shell) -> None:
    found = shell.json("search", QUESTION, "--book", PUMPS, "--top-k", "3")
    assert len(found) == 3
    scores = [passage["score"] for passage in found]
    assert scores == sorted(scores, reverse=True)
    (best,) = [passage for passage in found if "two bar" in passage["text"]]
    assert best.keys() >= {
        "chunk_id", "book", "title", "heading_path", "url", "text", "score",
    }  # fmt: skip
    assert best["url"] == f"{PUMPS_URL}/starting#pressure-switch"
    assert best["heading_path"] == ["Starting the pump", "Pressure switch"]
    assert best["book"] == PUMPS


def test_search_shows_passages_to_people(shell: Shell) -> None:
    shown = shell("search", QUESTION, "--top-k", "2")
    assert PUMPS_URL in shown
    assert "Quillon" in shown


def test_ask_streams_an_answer_with_its_sources(shell: Shell) -> None:
    said = shell("ask", QUESTION)
    assert "two bar" in said
    (marker,) = re.findall(r"two bar\. (\[\d\])", said)
    listed = f" {marker} Starting the pump › Pressure switch\n"
    assert listed in said
    assert said.partition(listed)[2].split()[0] == f"{PUMPS_URL}/starting#pressure-switch"


def test_ask_gives_the_chat_completion_as_json(shell: Shell) -> None:
    said = shell.json("ask", QUESTION, "--book", PUMPS)
    assert said["object"] == "chat.completion"
    message = said["choices"][0]["message"]
    assert message["annotations"]
    assert message["context"]["citations"]


def test_books_are_listed_and_shown(shell: Shell) -> None:
    (listed,) = shell.json("books", "list")
    assert listed["id"] == PUMPS
    assert listed["title"] == "Pumps"
    assert listed["documents"] == 2
    assert json.loads(shell("books", "show", PUMPS)) == listed
    assert PUMPS in shell("books")


def test_doctor_finds_everything_well(shell: Shell) -> None:
    report = shell("doctor")
    assert "offline" in report
    assert report.count(" ok") == 3
    assert "index      embedded (no Qdrant server), /" in report
    assert "qdrant" not in report


def test_what_is_not_there_is_an_exit_code_of_one(shell: Shell) -> None:
    assert "nowhere" in shell("search", "x", "--book", "nowhere", code=1)
    assert "nowhere" in shell("ask", "x", "--book", "nowhere", code=1)
    assert "nowhere" in shell("books", "show", "nowhere", code=1)
    assert "nowhere" in shell("books", "delete", "nowhere", code=1)
    assert "nowhere" in shell("books", "rollback", "nowhere", code=1)


def test_an_ingest_again_costs_nothing_and_a_change_is_served_at_once(
    shell: Shell, book: Path
) -> None:
    args = (str(book), "--book", PUMPS, "--title", "Pumps", "--base-url", PUMPS_URL)
    again = shell.json("ingest", *args)
    assert again.keys() >= SUMMARY
    assert {name: again[name] for name in SUMMARY} == {
        "added": 0, "updated": 0, "unchanged": 2, "deleted": 0, "failed": 0,
    }  # fmt: skip
    untitled = shell.json("ingest", str(book), "--book", PUMPS, "--base-url", PUMPS_URL)
    assert (untitled["unchanged"], untitled["edition"]) == (2, None)
    new = book / "storm.md"
    new.write_text("# Storm\n\nThe Vorpal siren sounds when the wind exceeds ninety knots.\n")
    dry = shell.json("ingest", *args, "--dry-run")
    assert (dry["added"], dry["edition"]) == (1, None)
    assert shell.json("books", "list")[0]["documents"] == 2
    done = shell.json("ingest", *args)
    assert (done["added"], done["unchanged"]) == (1, 2)
    found = shell.json("search", "Vorpal siren", "--top-k", "1")
    assert found[0]["filepath"] == "storm.md"
    assert done["edition"] in shell("books", "show", PUMPS)
    assert "again" in shell("books", "rollback", PUMPS)
    assert shell.json("books", "list")[0]["documents"] == 2
    new.unlink()


def test_an_ingest_of_one_page_warns_that_the_others_go_and_keeps_the_base_url(
    shell: Shell, book: Path, tmp_path: Path
) -> None:
    pages = shutil.copytree(book, tmp_path / "pages")
    (pages / "third.md").write_text("# Third\n\nA third page.\n")
    shell("ingest", str(pages), "--book", "careless", "--base-url", PUMPS_URL)
    done = shell.run("ingest", str(pages / "third.md"), "--book", "careless")
    warned, counted = done.stderr.index("warning  2 of the 3 documents"), done.stdout
    assert warned < done.stderr.index("publish")
    assert "deleted 2" in counted
    assert f"pages are linked at {PUMPS_URL}" in counted
    assert json.loads(shell("books", "show", "careless"))["base_url"] == PUMPS_URL
    shell("ingest", str(pages / "third.md"), "--book", "careless", "--base-url", "none")
    assert json.loads(shell("books", "show", "careless"))["base_url"] is None
    shell("books", "delete", "careless")


def test_a_file_that_fails_is_told_and_the_others_are_kept(
    shell: Shell, book: Path, tmp_path: Path
) -> None:
    mixed = shutil.copytree(book, tmp_path / "mixed")
    (mixed / "broken.md").write_bytes(b"# \xff\xfe\n\nnot text\n")
    (mixed / "draft.md").write_text("---\ndraft: true\n---\n# Draft\n\nNot yet.\n")
    told = shell("ingest", str(mixed), "--book", "mixed", code=1)
    assert "broken.md" in told
    assert "added 2" in told
    assert "failed 1" in told
    assert "deleted mixed" in shell("books", "delete", "mixed")
    assert [found["id"] for found in shell.json("books", "list")] == [PUMPS]


def test_wrong_usage_is_an_exit_code_of_two(command_line: CommandLine) -> None:
    for args in (
        ("nonsense",),
        ("ask",),
        ("search", "x", "--top-k", "0"),
        ("ingest", "x"),
        ("ingest", "x", "--book", "No Such Name!"),
        ("ingest", "x", "--book", "x", "--edition", "a/b", "--dry-run"),
    ):
        done = command_line(*args)
        assert done.returncode == 2, args
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "args", [["ingest", "", "--book", "x"], ["ask", " "], ["search", ""]], ids=lambda args: args[0]
)
def test_a_blank_argument_is_wrong_usage(command_line: CommandLine, args: list[str]) -> None:
    done = command_line(*args)
    assert done.returncode == 2
    assert "is blank" in done.stderr


def test_a_folder_without_pages_leaves_the_book_as_it_was(shell: Shell, tmp_path: Path) -> None:
    assert "as it was" in shell_output(shell, tmp_path)


def shell_output(shell: Shell, folder: Path) -> str:
    """Return all that an ingest of `folder` into a book of its own printed."""
    done = shell.run("ingest", str(folder), "--book", "nothing-yet")
    return done.stdout + done.stderr


def test_the_version_is_printed(command_line: CommandLine) -> None:
    assert command_line("--version").stdout.startswith("book-proxy 0.")


def test_without_any_book_nothing_is_found_and_the_way_out_is_named(
    command_line: CommandLine, tmp_path: Path
) -> None:
    done = command_line("search", "anything", env={"PROXY_DATA_DIR": str(tmp_path)})
    assert done.returncode == 0
    assert "book-proxy ingest" in done.stdout


READING = [
    "search x", "ask x", "books", "books show x", "books delete x", "books rollback x",
    "keys list", "keys revoke x", "readers list", "usage",
]  # fmt: skip


@pytest.mark.parametrize("command", READING)
def test_a_command_that_reads_makes_no_data_folder_and_says_where_it_looked(
    command_line: CommandLine, tmp_path: Path, command: str
) -> None:
    done = command_line(*command.split(), cwd=tmp_path, env={"PROXY_DATA_DIR": "data"})
    assert done.returncode == 1
    assert f"there is no data folder {tmp_path}/data: " in done.stderr
    assert "PROXY_DATA_DIR" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("args", [("doctor",), ("ingest", "pages", "--book", "x", "--dry-run")])
def test_a_look_around_makes_no_data_folder_either(
    command_line: CommandLine, tmp_path: Path, args: tuple[str, ...]
) -> None:
    write_pumps(tmp_path / "pages")
    done = command_line(*args, cwd=tmp_path, env={"PROXY_DATA_DIR": "data"})
    assert done.returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["pages"]


def test_doctor_says_that_nothing_was_ingested_yet(
    command_line: CommandLine, tmp_path: Path
) -> None:
    report = command_line("doctor", cwd=tmp_path, env={"PROXY_DATA_DIR": "data"}).stdout
    assert f"{tmp_path}/data: not there yet" in report


def test_books_on_a_qdrant_server_need_no_data_folder(
    command_line: CommandLine, tmp_path: Path
) -> None:
    with running_qdrant() as qdrant_url:
        env = {"PROXY_DATA_DIR": "data", "QDRANT_URL": qdrant_url}
        done = command_line("books", "list", "--json", cwd=tmp_path, env=env)
    assert (done.returncode, done.stdout.strip()) == (0, "[]")
    assert list(tmp_path.iterdir()) == []


def test_links_of_a_private_server_lead_to_where_serve_will_be(
    command_line: CommandLine, tmp_path: Path, book: Path
) -> None:
    shell = Shell(command_line, tmp_path / "data")
    shell("ingest", str(book), "--book", "plain")
    (found,) = shell.json("search", QUESTION, "--top-k", "1")
    assert found["url"] == f"http://127.0.0.1:8000/v1/sources/{found['chunk_id']}"


def test_a_server_that_is_gone_leaves_no_trace_in_the_way(
    command_line: CommandLine, tmp_path: Path, book: Path
) -> None:
    shell = Shell(command_line, tmp_path)
    shell("ingest", str(book), "--book", PUMPS)
    with BookProxy(data_dir=tmp_path) as server:
        killed = httpx.get(f"{server.url}/ready", timeout=LONG_ENOUGH_S).json()
        assert killed["status"] == "ready"
        server.kill()
        assert (tmp_path / "server.json").exists()
        assert shell.json("search", QUESTION, "--top-k", "1")


def test_it_is_a_program_of_its_own_too() -> None:
    helped = run_cli("--help")
    assert helped.returncode == 0
    for command in ("serve", "ingest", "search", "ask", "books", "doctor"):
        assert command in helped.stdout
    refused = run_cli("ask", "x", env={"PROXY_NONSENSE": "1"})
    assert refused.returncode == 2
    assert refused.stderr == (
        "book-proxy: unknown setting PROXY_NONSENSE: see .env.example for the names\n"
    )
