"""Tokens back to text."""

import pytest

from proxy.adapters.cl100k import decode_tokens
from proxy.errors import InvalidRequest


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ([15339, 1917], "hello world"),
        ([88075, 16276, 301, 12868, 1099, 16461, 13], "Äpfel sind grün."),
        ([76460, 222], "😀"),
        ([20675], "数据"),
        ([100257], "<|endoftext|>"),
        ([100276], "<|endofprompt|>"),
        ([0, 1, 2], '!"#'),
    ],
)
async def test_tokens_are_decoded(tokens: list[int], text: str) -> None:
    assert await decode_tokens([tokens]) == [text]


async def test_lists_keep_their_order() -> None:
    assert await decode_tokens([[15339], [1917], [15339, 1917]]) == [
        "hello",
        " world",
        "hello world",
    ]
    assert await decode_tokens([]) == []


async def test_half_a_character_does_not_fail() -> None:
    whole, half = await decode_tokens([[76460, 222], [76460]])
    assert (whole, half) == ("😀", "\ufffd")


@pytest.mark.parametrize("token", [-1, 100256, 100261, 100277, 2**20, 2**70])
async def test_a_number_that_is_no_token_is_refused_where_it_stands(token: int) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await decode_tokens([[15339], [15339, token]])
    assert refused.value.param == "input[1]"
