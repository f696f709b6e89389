"""JSON in, the same JSON out."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.protocol.as_json import as_json

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**200), 2**200) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_json_is_the_same_again_however_large_its_integers_are(value: Any) -> None:
    assert json.loads(as_json(value)) == value


@pytest.mark.parametrize("large", [2**63, 2**64, 10**30, -(2**64)])
def test_large_integers_change_nothing_else(large: int) -> None:
    value = {"é": [1, 2.5, "\u2028", None, {"a": True}]}
    assert as_json({**value, "n": large}).startswith(orjson.dumps(value)[:-1] + b',"n":')


def test_what_is_no_json_is_an_error() -> None:
    with pytest.raises(TypeError):
        as_json({"a": object()})
