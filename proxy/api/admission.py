"""How many answers one worker generates at the same time; above it, 503 at once."""

from collections.abc import Generator
from contextlib import contextmanager

from proxy.errors import UpstreamOverloaded
from proxy.state import Admission

_RETRY_AFTER_S = 2.0


@contextmanager
def admitted(admission: Admission) -> Generator[None]:
    """Hold one of the places.

    Raises:
        UpstreamOverloaded: all are taken.
    """
    if admission.open >= admission.limit:
        raise UpstreamOverloaded(
            "Too many answers are being written right now.",
            code="overloaded",
            retry_after_s=_RETRY_AFTER_S,
        )
    admission.open += 1
    try:
        yield
    finally:
        admission.open -= 1
