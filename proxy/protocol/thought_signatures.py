"""Thought signatures as they travel: in the `extra_content` of a call or a message, both ways.

The form is that of Gemini's own OpenAI-compatible layer.
"""

import re
from typing import Any, cast

MAX_SIGNATURE_CHARS = 65_536
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")


def signed(signature: str | None) -> dict[str, Any]:
    """Return what a call or a message says of its thought signature, nothing where it has none."""
    return {"extra_content": {"google": {"thought_signature": signature}}} if signature else {}


def given_signature(extra_content: object) -> str | None:
    """Return the signature in `extra_content`; what cannot be one counts as none."""
    signature = _member(_member(extra_content, "google"), "thought_signature")
    if not isinstance(signature, str) or len(signature) > MAX_SIGNATURE_CHARS:
        return None
    return signature if _BASE64.fullmatch(signature) else None


def _member(value: object, name: str) -> object:
    return cast("dict[str, object]", value).get(name) if isinstance(value, dict) else None
