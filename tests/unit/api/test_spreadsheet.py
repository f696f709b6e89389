"""CSV that is read, not run."""

import csv
import io

import pytest

from proxy.api.spreadsheet import csv_of


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def test_rows_come_back_as_they_were() -> None:
    rows = [{"question": 'Why "so", then?\nAnd ü?', "count": 2, "comment": None}]
    assert read(csv_of(rows)) == [
        ["question", "count", "comment"],
        ['Why "so", then?\nAnd ü?', "2", ""],
    ]


def test_lists_stand_in_one_cell() -> None:
    row = {"nearby": [{"title": "Valves", "url": None}, {"title": "Seals", "url": "/s"}]}
    assert read(csv_of([row]))[1] == ["Valves | Seals /s"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_nothing_a_reader_wrote_is_a_formula(text: str) -> None:
    assert read(csv_of([{"question": text}]))[1][0].startswith("'")


def test_no_rows_are_an_empty_file() -> None:
    assert read(csv_of([])) == []
