"""Nothing is lost between batches."""

from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.qdrant.batching import batches


@given(st.lists(st.integers()), st.integers(1, 10))
def test_batches_hold_everything_in_order(values: list[int], size: int) -> None:
    parts = list(batches(values, size))
    assert [value for part in parts for value in part] == values
    assert all(len(part) == size for part in parts[:-1])
    assert all(parts)
