"""How much a JSON body is made of, before anything is made of it.

A parser takes microseconds for every object, known or not, and nothing else runs meanwhile: twenty
megabytes of small ones are seconds. Bounds on fields come too late for that, and hold for those
only that a model names.
"""

import re

CHECKED_FROM_BYTES = 1_000_000
"""What is smaller is parsed before it could be felt."""
_MOST = {b"{": 40_000, b":": 150_000, b",": 400_000}
"""Objects, their members, and members and elements together: the tokens of a full request for
embeddings are 300,000 numbers."""
_MOST_STRINGS = 300_000
_STRING = re.compile(rb'"[^"\\]*+(?:\\.?[^"\\]*+)*+(?:"|\Z)', re.DOTALL)
"""One that never ends counts as one: each of its quotes would be tried as a beginning."""


def is_overgrown(body: bytes) -> bool:
    """Whether a body holds more objects, members or elements than a request can be about.

    Bodies below `CHECKED_FROM_BYTES` are not looked at.
    """
    if len(body) < CHECKED_FROM_BYTES or not _is_above(body):
        return False
    # At least one quote of each string is counted, and none of those within.
    if body.count(b'"') - body.count(b'\\"') > 2 * _MOST_STRINGS:
        return True
    return _is_above(_STRING.sub(b"", body))


def _is_above(json: bytes) -> bool:
    return any(json.count(mark) > most for mark, most in _MOST.items())
