"""OpenAI's lists, page by page."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.api.paging import Paging
from proxy.errors import InvalidRequest


@given(total=st.integers(0, 25), limit=st.integers(1, 10), is_ascending=st.booleans())
def test_pages_follow_each_other_without_a_gap(
    total: int, limit: int, *, is_ascending: bool
) -> None:
    objects = [{"id": f"id-{n}"} for n in range(total)]
    seen: list[str] = []
    after = None
    for _ in count():
        page = Paging(limit, "asc" if is_ascending else "desc", after).page(objects)
        seen += [one["id"] for one in page["data"]]
        if not page["has_more"]:
            break
        after = page["last_id"]
    ids = [one["id"] for one in objects]
    assert seen == (ids if is_ascending else ids[::-1])


def test_the_page_before_one_ends_there() -> None:
    objects = [{"id": name} for name in "abcde"]
    page = Paging(2, "asc", before="d").page(objects)
    assert [one["id"] for one in page["data"]] == ["b", "c"]
    assert page["has_more"] is False


@pytest.mark.parametrize("paging", [Paging(after="x"), Paging(before="x")])
def test_an_id_that_is_not_in_the_list_is_refused(paging: Paging) -> None:
    with pytest.raises(InvalidRequest) as refused:
        paging.page([{"id": "a"}])
    assert refused.value.param in {"after", "before"}
