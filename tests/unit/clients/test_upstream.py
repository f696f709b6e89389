"""The scripted model is as strict about the history of tool calls as Gemini is."""

from typing import Any

from clients.upstream import BOOK_ANSWER, NO_PASSAGE, SKIP_SIGNATURE, Parts, Upstream
from tests.support.gemini_errors import Status
from tests.support.gemini_replies import Reply, Text
from tests.support.gemini_requests import RecordedRequest

_TOOLS = [
    {
        "functionDeclarations": [
            {
                "name": "read_gauge",
                "parametersJsonSchema": {
                    "type": "object",
                    "properties": {"city": {"type": "string"}},
                },
            }
        ]
    }
]
_QUESTION = {"role": "user", "parts": [{"text": "What do the gauges in Lahore and Karachi read?"}]}


def _asked(upstream: Upstream, contents: list[Any], **fields: Any) -> Reply | None:
    request = RecordedRequest(
        number=1,
        connection_id=1,
        method="POST",
        path="/v1beta/models/gemini-3.8-flash:generateContent",
        query={},
        headers={},
        body=b"",
        json={"contents": contents, **fields},
        received_s=0.0,
    )
    return upstream(request)


def _called(upstream: Upstream) -> list[dict[str, Any]]:
    reply = _asked(upstream, [_QUESTION], tools=_TOOLS)
    assert isinstance(reply, Parts)
    return list(reply.parts)


def _results(parts: list[dict[str, Any]]) -> dict[str, Any]:
    calls = [part["functionCall"] for part in parts]
    responses = [
        {"id": call["id"], "name": call["name"], "response": {"result": call["args"]["city"]}}
        for call in calls
    ]
    return {"role": "user", "parts": [{"functionResponse": one} for one in responses]}


def _continued(upstream: Upstream, parts: list[dict[str, Any]], results: Any) -> Reply | None:
    history = [_QUESTION, {"role": "model", "parts": parts}, results]
    return _asked(upstream, history, tools=_TOOLS)


def test_it_calls_once_for_each_city_and_signs_the_first_call_only() -> None:
    parts = _called(Upstream())
    assert [part["functionCall"]["args"] for part in parts] == [
        {"city": "Lahore"},
        {"city": "Karachi"},
    ]
    assert ["thoughtSignature" in part for part in parts] == [True, False]


def test_it_says_what_the_results_were() -> None:
    upstream = Upstream()
    parts = _called(upstream)
    assert _continued(upstream, parts, _results(parts)) == Text("The gauges read Lahore, Karachi.")


def test_it_refuses_a_call_that_lost_its_signature() -> None:
    upstream = Upstream()
    parts = _called(upstream)
    bare = [{"functionCall": part["functionCall"]} for part in parts]
    refused = _continued(upstream, bare, _results(parts))
    assert isinstance(refused, Status)
    assert "is missing a thought_signature" in refused.message


def test_it_refuses_the_signature_of_another_call() -> None:
    upstream = Upstream()
    parts = _called(upstream)
    moved = [{**parts[1], "thoughtSignature": parts[0]["thoughtSignature"]}]
    refused = _continued(upstream, moved, _results(moved))
    assert isinstance(refused, Status)
    assert "corrupted" in refused.message


def test_it_knows_a_call_by_what_it_asks_whatever_id_it_comes_back_with() -> None:
    upstream = Upstream()
    parts = _called(upstream)
    renamed = [
        {**part, "functionCall": {**part["functionCall"], "id": f"call_{number}"}}
        for number, part in enumerate(parts)
    ]
    assert isinstance(_continued(upstream, renamed, _results(renamed)), Text)
    assert upstream.complaints == []


def test_it_accepts_the_documented_value_in_place_of_a_signature() -> None:
    upstream = Upstream()
    parts = _called(upstream)
    skipping = [{**parts[0], "thoughtSignature": SKIP_SIGNATURE}, parts[1]]
    assert isinstance(_continued(upstream, skipping, _results(parts)), Text)
    assert len(upstream.complaints) == 1


def test_it_refuses_results_that_are_missing_or_of_other_calls() -> None:
    upstream = Upstream()
    parts, others = _called(upstream), _called(upstream)
    one_missing = {"role": "user", "parts": _results(parts)["parts"][:1]}
    for results in (one_missing, _results(others), _QUESTION):
        assert isinstance(_continued(upstream, parts, results), Status)


def test_it_refuses_a_conversation_that_the_model_begins_or_ends() -> None:
    model = {"role": "model", "parts": [{"text": "Well."}]}
    for contents in ([], [model, _QUESTION], [_QUESTION, model]):
        assert isinstance(_asked(Upstream(), contents), Status)
    assert isinstance(_asked(Upstream(), [{"role": "user", "parts": []}]), Status)


def test_a_forced_call_is_filled_in_by_its_schema() -> None:
    question = {"role": "user", "parts": [{"text": "Describe the pump."}]}
    forced = {"functionCallingConfig": {"mode": "ANY"}}
    reply = _asked(Upstream(), [question], tools=_TOOLS, toolConfig=forced)
    assert isinstance(reply, Parts)
    assert reply.parts[0]["functionCall"]["args"] == {"city": "brass lever"}


def test_a_schema_is_answered_with_an_instance_of_it() -> None:
    schema = {"type": "object", "properties": {"valves": {"type": "integer"}}}
    config = {"responseMimeType": "application/json", "responseJsonSchema": schema}
    assert _asked(Upstream(), [_QUESTION], generationConfig=config) == Text('{"valves": 3}')


def test_it_cites_only_what_came_along() -> None:
    with_passage = {"role": "user", "parts": [{"text": "[1] Turn it.\n\nHow?"}]}
    assert _asked(Upstream(), [with_passage]) == Text(BOOK_ANSWER)
    assert _asked(Upstream(), [_QUESTION]) == Text(NO_PASSAGE)
