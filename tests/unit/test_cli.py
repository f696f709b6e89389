"""The command line as a whole: what it lists, and what it does not import."""

import subprocess
import sys

import pytest

from tests.support.command_line import CommandLine

_NOT_FOR_AN_INGEST = ("fastapi", "uvicorn", "httpx", "jwt", "sqlalchemy", "qdrant_client", "openai")


def test_help_lists_every_command_but_the_one_that_is_not_for_people(
    command_line: CommandLine,
) -> None:
    listed = command_line("--help").stdout.partition("Commands:")[2]
    names = [line.split()[0] for line in listed.splitlines() if line.strip()]
    assert names == (
        "serve ingest search ask eval books keys readers usage doctor".split()  # noqa: SIM905
    )


@pytest.mark.parametrize("command", ["serve", "books", "keys", "run-job"])
def test_every_command_has_a_page_of_help(command_line: CommandLine, command: str) -> None:
    shown = command_line(command, "--help")
    assert shown.returncode == 0
    assert f" {command} [OPTIONS]" in shown.stdout


def test_a_slip_is_told_what_it_was_meant_to_be(command_line: CommandLine) -> None:
    refused = command_line("ingets", "docs")
    assert refused.returncode == 2
    assert "Did you mean 'ingest'?" in refused.stderr


def test_an_ingest_begins_without_what_only_a_server_needs() -> None:
    """A second of imports is half of what an unchanged book of 1,000 pages may take."""
    script = "import sys, proxy.cli.ingest; print(*sys.modules)"
    imported = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "proxy.ingest.pipeline" in imported
    assert [name for name in _NOT_FOR_AN_INGEST if name in imported] == []
