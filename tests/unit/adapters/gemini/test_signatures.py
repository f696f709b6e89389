"""Thought signatures: remembered for a while, taken from clients, made up where nothing helps."""

import base64
from typing import Any

from proxy.adapters.gemini.signatures import (
    SKIP_SIGNATURE,
    SignatureCache,
    add_skip_signatures,
)


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now_s


def test_the_skip_value_is_the_documented_one() -> None:
    assert base64.b64decode(SKIP_SIGNATURE) == b"skip_thought_signature_validator"


def test_a_signature_is_found_by_the_id_of_its_call() -> None:
    cache = SignatureCache()
    cache.remember("call_1", "c2ln")
    assert cache.find("call_1") == "c2ln"
    assert cache.find("call_2") is None


def test_the_latest_signature_of_an_id_counts() -> None:
    cache = SignatureCache(max_chars=10)
    for signature in ("aaaa", "bbbb", "cccc"):
        cache.remember("id", signature)
    assert cache.find("id") == "cccc"


def test_signatures_are_forgotten_after_their_time() -> None:
    clock = Clock()
    cache = SignatureCache(ttl_s=60, clock=clock)
    cache.remember("call_1", "c2ln")
    clock.now_s += 59
    assert cache.find("call_1") == "c2ln"
    clock.now_s += 1
    assert cache.find("call_1") is None


def test_the_oldest_signatures_make_room() -> None:
    cache = SignatureCache(max_chars=25)
    for i in range(4):
        cache.remember(f"id{i}", "signature")
    assert [cache.find(f"id{i}") is not None for i in range(4)] == [False, False, True, True]


def test_an_enormous_signature_is_not_kept() -> None:
    """Twenty thousand of them would be a gigabyte."""
    cache = SignatureCache()
    cache.remember("call_1", "x" * 65_537)
    assert cache.find("call_1") is None


def call(**more: str) -> dict[str, Any]:
    return {"functionCall": {"name": "f", "args": {}}, **more}


RESULT: dict[str, Any] = {"functionResponse": {"name": "f", "response": {}}}
TEXT: dict[str, Any] = {"text": "Hello"}


def signatures_of(contents: list[tuple[str, list[dict[str, Any]]]]) -> list[str | None]:
    """Return the signatures of all calls after the skip value was added."""
    made: list[dict[str, Any]] = [
        {"role": role, "parts": [dict(part) for part in parts]} for role, parts in contents
    ]
    add_skip_signatures(made)
    assert all("thoughtSignature" not in p for c in made for p in c["parts"] if "text" in p)
    return [
        part.get("thoughtSignature") for c in made for part in c["parts"] if "functionCall" in part
    ]


def test_the_first_call_of_every_step_of_the_current_turn_gets_the_skip_value() -> None:
    assert signatures_of(
        [
            ("user", [TEXT]),
            ("model", [TEXT, call(), call()]),
            ("user", [RESULT, RESULT]),
            ("model", [call()]),
            ("user", [RESULT, TEXT]),
        ]
    ) == [SKIP_SIGNATURE, None, SKIP_SIGNATURE]


def test_a_signature_that_is_there_stays() -> None:
    assert signatures_of(
        [("user", [TEXT]), ("model", [call(thoughtSignature="c2ln"), call()]), ("user", [RESULT])]
    ) == ["c2ln", None]


def test_earlier_turns_are_left_alone() -> None:
    assert signatures_of(
        [
            ("user", [TEXT]),
            ("model", [call()]),
            ("user", [RESULT]),
            ("model", [TEXT]),
            ("user", [TEXT]),
            ("model", [call()]),
            ("user", [RESULT]),
        ]
    ) == [None, SKIP_SIGNATURE]
