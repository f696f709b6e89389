"""Any valid chat becomes a request that keeps Gemini's rules, or is refused as the client's."""

import json
from itertools import pairwise
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from proxy.adapters.gemini.profiles import profile_of
from proxy.adapters.gemini.request import chat_to_gemini
from proxy.errors import InvalidRequest
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.parsing import parse
from tests.support.chat_requests import CHAT_REQUESTS

MODELS = ["gemini-3.8-flash", "gemini-2.0-flash", "gemini-2.5-pro"]


@given(fields=CHAT_REQUESTS, model=st.sampled_from(MODELS), on_vertex=st.booleans())
def test_any_valid_request_is_translated_or_refused_as_the_clients(
    fields: dict[str, Any], model: str, *, on_vertex: bool
) -> None:
    try:
        chat = parse(ChatCompletionRequest, json.dumps(fields).encode())
        profile = profile_of(model)
        body = chat_to_gemini(chat, profile, lambda _id: None, on_vertex=on_vertex).body
    except InvalidRequest as refused:
        event(f"refused: {refused.param}")
        return
    event("translated")
    json.dumps(body, allow_nan=False)
    contents = body["contents"]
    assert contents[0]["role"] == "user"
    assert all(one["role"] != other["role"] for one, other in pairwise(contents))
    assert all(content["parts"] for content in contents)
    assert ("tools" in body) == ("toolConfig" in body)
    turns: list[list[dict[str, Any]]] = [*(content["parts"] for content in contents), []]
    for parts, following in pairwise(turns):
        calls = [part for part in parts if "functionCall" in part]
        results = [part for part in following if "functionResponse" in part]
        assert len(calls) == len(results)
        assert following[: len(results)] == results
