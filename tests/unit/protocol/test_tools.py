"""What a call in an assistant message has to say, whoever the upstream is."""

from typing import Any

import orjson
import pytest

from proxy.errors import InvalidRequest
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.parsing import parse


@pytest.mark.parametrize(
    ("call", "missing"),
    [
        ({"id": "1"}, "function"),
        ({"id": "1", "type": "function", "function": None}, "function"),
        ({"id": "1", "type": "custom"}, "custom"),
    ],
)
def test_a_call_of_nothing_is_refused(call: dict[str, Any], missing: str) -> None:
    messages = [{"role": "user", "content": "q"}, {"role": "assistant", "tool_calls": [call]}]
    with pytest.raises(InvalidRequest) as refused:
        parse(ChatCompletionRequest, orjson.dumps({"model": "m", "messages": messages}))
    assert refused.value.param == f"messages[1].tool_calls[0].{missing}"
    assert refused.value.code == "missing_required_parameter"
