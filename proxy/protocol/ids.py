"""Names for what is answered: unique, and no secret."""

import random


def new_id() -> str:
    """Return 24 hexadecimal digits; the system's own randomness would cost a call per answer."""
    return f"{random.getrandbits(96):024x}"
