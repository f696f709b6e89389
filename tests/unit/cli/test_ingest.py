"""Questions that an author gives a new edition."""

from pathlib import Path

import pytest

from proxy.cli.ingest import read_canaries
from proxy.errors import InvalidRequest
from proxy.ingest.canaries import Canary


def test_canaries_are_read_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "canaries.jsonl"
    file.write_text(
        '{"question": "Wie?", "document": "über.md"}\n\n{"question":"b","document":"c"}'
    )
    assert read_canaries(file) == [Canary("Wie?", "über.md"), Canary("b", "c")]


@pytest.mark.parametrize("line", ["nonsense", "[]", '"x"', '{"question": "a"}', "3"])
def test_a_line_that_is_none_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "canaries.jsonl"
    file.write_text('{"question": "a", "document": "b"}\n' + line)
    with pytest.raises(InvalidRequest, match="line 2"):
        read_canaries(file)
