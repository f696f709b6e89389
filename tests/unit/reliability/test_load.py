"""The checker of streams sees what it is there for: a token lost, doubled, moved, or another's."""

import json
from collections.abc import Sequence

import pytest

from reliability.load import Plan, problem_of
from reliability.upstream import token

STREAM, TOKENS = 7, 20
WHOLE = tuple(token(STREAM, number) for number in range(TOKENS))


def _plan(kind: str) -> Plan:
    return Plan("127.0.0.1", 1, kind, "some", TOKENS, 1.0, rag=False, first_number=0)


def _body(kind: str, tokens: Sequence[str], *, ends: bool = True) -> str:
    if kind == "whole":
        return json.dumps({"response": "".join(tokens)})
    if kind == "site":
        events = [json.dumps({"type": "delta", "text": one}) for one in tokens]
        events += ['{"type":"done"}'] if ends else []
    else:
        events = [json.dumps({"choices": [{"delta": {"content": one}}]}) for one in tokens]
        events += ["[DONE]"] if ends else []
    return "".join(f"data: {event}\n\n" for event in events)


KINDS = pytest.mark.parametrize("kind", ["chat", "site", "whole"])
WRONG = {
    "one lost": (*WHOLE[:5], *WHOLE[6:]),
    "one doubled": (*WHOLE[:5], *WHOLE[4:]),
    "two exchanged": (*WHOLE[:4], WHOLE[5], WHOLE[4], *WHOLE[6:]),
    "one of another stream": (*WHOLE[:5], token(STREAM + 1, 5), *WHOLE[6:]),
    "one too many": (*WHOLE, token(STREAM, TOKENS)),
    "the first lost": WHOLE[1:],
}


@KINDS
def test_an_answer_to_the_letter_is_right(kind: str) -> None:
    assert problem_of(_plan(kind), STREAM, 200, _body(kind, WHOLE)) is None


@KINDS
@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_is_garbled(kind: str, name: str) -> None:
    assert problem_of(_plan(kind), STREAM, 200, _body(kind, WRONG[name])) == "garbled"


@KINDS
def test_one_that_was_cut_is_told_apart(kind: str) -> None:
    assert problem_of(_plan(kind), STREAM, 200, _body(kind, WHOLE[:-1])) == "truncated"


@pytest.mark.parametrize("kind", ["chat", "site"])
def test_a_stream_has_to_end_as_its_protocol_says(kind: str) -> None:
    assert problem_of(_plan(kind), STREAM, 200, _body(kind, WHOLE, ends=False)) == "no end"


def test_a_refusal_is_told_by_its_status_and_a_stop_by_its_code() -> None:
    assert problem_of(_plan("chat"), STREAM, 503, "") == "status 503"
    stopped = (
        _body("chat", WHOLE[:3], ends=False) + 'data: {"error":{"code":"server_stopping"}}\n\n'
    )
    assert problem_of(_plan("chat"), STREAM, 200, stopped) == "server_stopping"
