"""How many answers one worker writes at the same time; above it, 503 at once."""

from types import TracebackType

from proxy.errors import UpstreamOverloaded
from proxy.state import Admission
from proxy.telemetry.metrics import REQUESTS_SHED

_RETRY_AFTER_S = 2.0


class Admitted:
    """One of the places, held while the context lasts."""

    __slots__ = ("_admission",)

    def __init__(self, admission: Admission) -> None:
        self._admission = admission

    def __enter__(self) -> None:
        """Take a place.

        Raises:
            UpstreamOverloaded: all are taken.
        """
        if self._admission.open >= self._admission.limit:
            REQUESTS_SHED.add()
            raise UpstreamOverloaded(
                "Too many answers are being written right now.",
                code="overloaded",
                retry_after_s=_RETRY_AFTER_S,
            )
        self._admission.open += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give it back."""
        self._admission.open -= 1
