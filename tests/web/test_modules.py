"""The modules of our pages, each tested by Node's own test runner."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.waiting import LONG_ENOUGH_S
from tools.web_tools import node, packages

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.test.mjs"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name.removesuffix(".test.mjs"))
def test_a_module_does_what_its_tests_say(file: Path) -> None:
    env = {**os.environ, "WEB_PACKAGES": str(packages())}  # noqa: TID251 - of the tests
    done = subprocess.run(
        [node(), "--test", "--test-reporter=dot", file],
        env=env,
        capture_output=True,
        text=True,
        timeout=LONG_ENOUGH_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr[-2_000:]


def test_there_are_tests() -> None:
    assert len(FILES) >= 6
