"""The stages of a search, as they end: counted, and told to whoever traces."""

from collections.abc import Callable

from proxy.telemetry.metrics import STAGE_SECONDS

Listener = Callable[[str, float], None]
_listener: Listener | None = None


def listen(listener: Listener | None) -> None:
    """Have every stage told to `listener`, of this process; None: to nobody."""
    global _listener  # noqa: PLW0603 - of the process, as the metrics are
    _listener = listener


def stage_ended(stage: str, took_s: float) -> None:
    """Count a stage."""
    STAGE_SECONDS.observe(took_s, stage)
    if _listener is not None:
        _listener(stage, took_s)
