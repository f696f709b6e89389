"""An ingest killed at any moment: readers notice nothing, and the next one makes the same index."""

import asyncio
import json
import os
import sys
from typing import Any

import pytest

from tests.support.environment import clean_environment
from tests.support.killed_ingests import FIRST, SECOND
from tests.support.serving import REPOSITORY

STEP = 1 if os.environ.get("PROXY_TEST_SLOW") == "1" else 17  # noqa: TID251 - of the tests
"""Every moment takes two minutes (`make test-slow`)."""


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `killed_ingests` found."""

    async def run() -> bytes:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.support.killed_ingests", str(tmp_path_factory.mktemp("killed"))),
            str(STEP),
            cwd=REPOSITORY,
            env=clean_environment({}),
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()
        assert process.returncode == 0
        return out

    return json.loads(asyncio.run(run()))


def test_the_two_editions_are_what_the_pages_say(killed: dict[str, Any]) -> None:
    assert sorted(killed["before"]["documents"]) == sorted(FIRST)
    assert sorted(killed["after"]["documents"]) == sorted(SECOND)
    assert len(killed["moments"]) > 100 // STEP


def test_readers_have_one_edition_or_the_other_whole(killed: dict[str, Any]) -> None:
    left = [moment["left"] for moment in killed["moments"]]
    assert set(left) <= {"before", "after"}
    assert left == sorted(left, reverse=True)


def test_the_next_ingest_ends_in_the_index_of_an_undisturbed_one(killed: dict[str, Any]) -> None:
    assert {moment["made"] for moment in killed["moments"]} == {"after"}


def test_nothing_is_left_of_what_was_killed(killed: dict[str, Any]) -> None:
    for moment in killed["moments"]:
        assert len(moment["editions"]) == 2
        assert moment["trash"] == []


def test_what_was_embedded_before_the_kill_is_not_paid_for_again(killed: dict[str, Any]) -> None:
    paid = [len(moment["embedded"]) for moment in killed["moments"]]
    assert paid[0] == 2
    assert paid[-1] == 0
    assert paid == sorted(paid, reverse=True)
