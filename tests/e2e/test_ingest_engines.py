"""`book-proxy ingest --engine`, where there is none to be had."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import CommandLine
from tests.support.environment import clean_environment
from tests.support.serving import REPOSITORY

_WITHOUT = """\
import sys
sys.modules[{missing!r}] = None
sys.argv = ["book-proxy", "ingest", "docs", "--book", "manual", "--engine", "ray"]
from proxy.cli import main
main()
"""


@pytest.mark.parametrize("missing", ["ray", "pyarrow"])
def test_without_the_extra_one_line_says_what_to_install(tmp_path: Path, missing: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT.format(missing=missing)],
        cwd=REPOSITORY,
        env=clean_environment({"PROXY_DATA_DIR": str(tmp_path)}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "book-proxy: --engine ray needs Ray: pip install 'book-proxy[ray]'\n"
    assert list(tmp_path.rglob("book.json")) == []


def test_an_engine_that_there_is_not_is_a_wrong_usage(command_line: CommandLine) -> None:
    done = command_line("ingest", "docs", "--book", "manual", "--engine", "spark")
    assert done.returncode == 2
    assert "'spark' is not one of 'threads', 'ray'" in done.stderr
