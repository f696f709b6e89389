"""Thought signatures, remembered for clients that lose them.

From Gemini 3 on the first call of a step must come back with the signature it had. Clients that do
not know `extra_content` drop it, so the server remembers it by the call's id; where that fails too
there is Google's documented value that skips the check. A miss never fails a request.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from proxy.protocol.thought_signatures import MAX_SIGNATURE_CHARS

SKIP_SIGNATURE = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="
"""Base64 of `skip_thought_signature_validator`."""

_TTL_S = 24 * 3_600.0
_MAX_CHARS = 32_000_000
"""Of all signatures together; one has about a thousand."""


class SignatureCache:
    """The signatures of the calls this process has passed on, oldest out first."""

    def __init__(
        self,
        *,
        ttl_s: float = _TTL_S,
        max_chars: int = _MAX_CHARS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ttl_s = ttl_s
        self._max_chars = max_chars
        self._clock = clock
        self._chars = 0
        self._entries: OrderedDict[str, tuple[float, str]] = OrderedDict()

    def remember(self, call_id: str, signature: str) -> None:
        """Keep the signature of a call."""
        if len(signature) > MAX_SIGNATURE_CHARS:
            return
        if (known := self._entries.pop(call_id, None)) is not None:
            self._chars -= len(call_id) + len(known[1])
        self._entries[call_id] = (self._clock() + self._ttl_s, signature)
        self._chars += len(call_id) + len(signature)
        while self._chars > self._max_chars:
            oldest, (_, dropped) = self._entries.popitem(last=False)
            self._chars -= len(oldest) + len(dropped)

    def find(self, call_id: str) -> str | None:
        """Return the signature of a call, None where it is not known any more."""
        expires_s, signature = self._entries.get(call_id, (0.0, None))
        return signature if expires_s > self._clock() else None


def add_skip_signatures(contents: Sequence[Mapping[str, Any]]) -> None:
    """Give the first call of every step of the current turn a signature, if it has none.

    The current turn is what follows the last user content without results. Earlier turns are not
    checked upstream; of parallel calls only the first has a signature.
    """
    for content in reversed(contents):
        parts: list[dict[str, Any]] = content["parts"]
        if content["role"] == "user":
            if not any("functionResponse" in part for part in parts):
                return
            continue
        first = next((part for part in parts if "functionCall" in part), None)
        if first is not None:
            first.setdefault("thoughtSignature", SKIP_SIGNATURE)
