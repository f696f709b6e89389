"""OpenAI's `cl100k_base` tokens back to text, offline.

LangChain sends `/v1/embeddings` token numbers instead of text unless told not to. The tokens come
with the package `splintr-rs`; nothing is fetched.
"""

import asyncio
from collections.abc import Sequence
from functools import cache

from splintr import AnyTokenizer, Tokenizer

from proxy.errors import InvalidRequest

_ORDINARY = 100_256
_SPECIAL = {
    100_257: b"<|endoftext|>",
    100_258: b"<|fim_prefix|>",
    100_259: b"<|fim_middle|>",
    100_260: b"<|fim_suffix|>",
    100_276: b"<|endofprompt|>",
}


async def decode_tokens(token_lists: Sequence[Sequence[int]]) -> list[str]:
    """Return the text of each list; half a character at its ends becomes U+FFFD.

    Raises:
        InvalidRequest: a number is no token.
    """
    return await asyncio.to_thread(_decode, token_lists)


def _decode(token_lists: Sequence[Sequence[int]]) -> list[str]:
    return [_text(tokens, i) for i, tokens in enumerate(token_lists)]


def _text(tokens: Sequence[int], position: int) -> str:
    table = _table()
    try:
        pieces = [
            table.decode_token_bytes(t) if 0 <= t < _ORDINARY else _SPECIAL[t] for t in tokens
        ]
    except KeyError as exc:
        raise InvalidRequest(
            f"'input[{position}]' holds {exc.args[0]}, which is no token of cl100k_base.",
            param=f"input[{position}]",
        ) from exc
    return b"".join(pieces).decode("utf-8", "replace")


@cache
def _table() -> AnyTokenizer:
    return Tokenizer.from_pretrained("cl100k_base")
