"""Archives that are handed to a library."""

import io

import pytest

from proxy.ingest.loaders.archive import ArchiveError, check_archive
from tests.support.archives import archive


def test_an_archive_with_what_is_needed_is_left_at_its_beginning() -> None:
    file = io.BytesIO(archive({"a": "text"}))
    check_archive(file, "a", 10)
    assert file.tell() == 0


@pytest.mark.parametrize(("member", "limit"), [("b", 10), ("a", 3)])
def test_one_without_it_or_larger_than_allowed_is_refused(member: str, limit: int) -> None:
    with pytest.raises(ArchiveError):
        check_archive(io.BytesIO(archive({"a": "text"})), member, limit)
