"""How long a test waits for what must happen; on a machine that stops for seconds, too."""

from proxy.deadline import Deadline

LONG_ENOUGH_S = 120
"""Only a test that fails waits so long."""


def ample_time() -> Deadline:
    """Return a deadline that no test is to reach."""
    return Deadline.after(5 * LONG_ENOUGH_S)
