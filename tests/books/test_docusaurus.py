"""What the real Docusaurus makes of the site of tricky pages is what was recorded of it."""

import json
from pathlib import Path

import pytest

from tests.support import docusaurus
from tests.support.docusaurus import RECORDED, SITE


@pytest.fixture(scope="module")
def built() -> Path:
    return docusaurus.build(SITE)


def test_every_route_and_every_heading_id_is_the_recorded_one(built: Path) -> None:
    """`tests/unit/ingest/loaders/docusaurus/test_site.py` holds ours to the same record."""
    found = docusaurus.addresses(built)
    assert len(found) > 50
    assert found == json.loads(RECORDED.read_text(encoding="utf-8"))
