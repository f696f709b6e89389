"""Ray for the slow tests; `make test-ray` installs it and sets PROXY_TEST_RAY=1, others skip."""

import asyncio
import os
from collections.abc import Generator

import pytest

from proxy.adapters.ray.engine import RayEngine

IS_WANTED = os.environ.get("PROXY_TEST_RAY") == "1"  # noqa: TID251 - of the tests


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder; where they are not wanted, leave one of them to say so."""
    ours = [item for item in items if "tests/ray/" in item.nodeid]
    for item in ours:
        item.add_marker(pytest.mark.ray)
        item.add_marker(pytest.mark.xdist_group("ray"))
        # Ray's own: it prepares to forget names that Ray itself goes on using.
        item.add_marker(pytest.mark.filterwarnings("default"))
    if not IS_WANTED and ours:
        reason = f"{len(ours)} tests of Ray: `make test-ray` installs it and runs them"
        ours[0].add_marker(pytest.mark.skip(reason=reason))
        items[:] = [item for item in items if item not in ours[1:]]


@pytest.fixture(scope="session")
def ray_engine() -> Generator[RayEngine]:
    """A Ray of three workers, which takes seconds to start."""
    engine = RayEngine(cpus=3)
    yield engine
    asyncio.run(engine.__aexit__(None, None, None))
