"""Any chat a client can send: messages in every order, calls answered, unanswered, twice."""

from typing import Any

from hypothesis import strategies as st

_WORDS = st.sampled_from(["one", "two", "three", ""])
_IDS = st.sampled_from(["a", "b", "c"])
_NAMES = st.sampled_from(["f", "g", "1st"])
_ARGUMENTS = st.sampled_from(["", "{}", '{"a": 1}', "[1]", "{broken"])
_RESULTS = st.sampled_from(["", "done", '{"a": 1}', '{"$ref": "x"}', "null"])


def _message(role: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"role": st.just(role), **fields})


def _parts(kind: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    part = st.fixed_dictionaries({"type": st.just(kind), kind: _WORDS})
    return st.lists(part, min_size=1, max_size=3)


def _named(**fields: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries({"name": _NAMES, **fields})


_CALLS = st.one_of(
    st.fixed_dictionaries(
        {"id": _IDS, "type": st.just("function"), "function": _named(arguments=_ARGUMENTS)}
    ),
    st.fixed_dictionaries(
        {"id": _IDS, "type": st.just("custom"), "custom": _named(input=_RESULTS)}
    ),
)
_SAID = st.one_of(st.none(), _WORDS, _parts("text"), _parts("refusal"))
CHATS: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.one_of(
        _message("system", content=_WORDS),
        _message("user", content=st.one_of(_WORDS, _parts("text"))),
        _message("assistant", content=_SAID),
        _message("assistant", content=_SAID, tool_calls=st.lists(_CALLS, max_size=3)),
        _message("assistant", content=_SAID, function_call=_named(arguments=_ARGUMENTS)),
        _message("tool", content=st.one_of(_RESULTS, _parts("text")), tool_call_id=_IDS),
        _message("tool", content=_RESULTS, tool_call_id=_IDS),
        _message("function", content=_RESULTS, name=_NAMES),
    ),
    min_size=1,
    max_size=12,
)
"""Valid messages as JSON."""


def texts_of(messages: list[dict[str, Any]]) -> list[str]:
    """Return what users and the model said, in order; results of tools are not said."""
    said: list[str] = []
    for message in messages:
        content: Any = message["content"]
        if message["role"] in {"user", "assistant"} and content is not None:
            parts: list[dict[str, str]] = (
                [{"text": content}] if isinstance(content, str) else content
            )
            said += [part["text"] if "text" in part else part["refusal"] for part in parts]
    return [words for words in said if words]


def check_rules(contents: list[dict[str, Any]]) -> None:
    """Assert what Gemini demands of any contents."""
    assert [c["role"] for c in contents] == [("user", "model")[i % 2] for i in range(len(contents))]
    none: dict[str, Any] = {"parts": []}
    for content, following in zip(contents, [*contents[1:], none], strict=True):
        assert content["parts"]
        assert all(part.get("text", "x") for part in content["parts"])
        calls = [p["functionCall"] for p in content["parts"] if "functionCall" in p]
        results = [p["functionResponse"] for p in following["parts"] if "functionResponse" in p]
        assert [(c["id"], c["name"]) for c in calls] == [(r["id"], r["name"]) for r in results]
        assert len({c["id"] for c in calls}) == len(calls)
        assert all("functionResponse" in part for part in following["parts"][: len(calls)])
