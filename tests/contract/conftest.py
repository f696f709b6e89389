"""What contract tests run against."""

from collections.abc import Generator

import pytest

from tests.support.qdrant_server import running_qdrant


@pytest.fixture(scope="session")
def qdrant_url() -> Generator[str]:
    """A Qdrant server, one per test process."""
    with running_qdrant() as url:
        yield url
