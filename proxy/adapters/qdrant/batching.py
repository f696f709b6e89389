"""Long lists in pieces; `itertools.batched` comes with Python 3.12."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batches(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the values in order, `size` at a time; none of the lists is empty."""
    remaining = iter(values)
    while batch := list(islice(remaining, size)):
        yield batch
