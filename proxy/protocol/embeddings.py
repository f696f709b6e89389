"""POST /v1/embeddings: request and answer.

`encoding_format` is honoured to the letter: openai-node asks for base64 by itself and reads a list
of floats as an empty vector without any error.
"""

import base64
import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import Discriminator, Field, StrictInt, Tag

from proxy.errors import ContextLengthExceeded, InvalidRequest
from proxy.protocol.wire import Wire

MAX_INPUTS = 2_048
MAX_TOKENS = 300_000
"""Of all inputs of a request together, as OpenAI has it."""
_MAX_INPUT_CHARS = 500_000
_LARGEST_TOKEN = 2**20
_CHARS_PER_TOKEN = 4
_BYTES_PER_TOKEN = 8
"""More than any tokenizer makes of real text: what is longer is certainly too long."""

InputText = Annotated[str, Field(max_length=_MAX_INPUT_CHARS)]
Token = Annotated[StrictInt, Field(ge=0, le=_LARGEST_TOKEN)]
Tokens = Annotated[list[Token], Field(min_length=1, max_length=MAX_TOKENS, fail_fast=True)]


def _input_tag(value: object) -> str:
    """Return which of OpenAI's four forms an input has, by its first element."""
    if not isinstance(value, list):
        return "<text>"
    first = cast("list[object]", value)[0] if value else None
    if isinstance(first, list):
        return "<token-lists>"
    return "<tokens>" if isinstance(first, int) and not isinstance(first, bool) else "<texts>"


class EmbeddingsRequest(Wire):
    """Texts to turn into vectors, as text or as tokens of `cl100k_base`."""

    input: Annotated[
        Annotated[InputText, Tag("<text>")]
        | Annotated[
            list[InputText],
            Field(min_length=1, max_length=MAX_INPUTS, fail_fast=True),
            Tag("<texts>"),
        ]
        | Annotated[Tokens, Tag("<tokens>")]
        | Annotated[
            list[Tokens],
            Field(min_length=1, max_length=MAX_INPUTS, fail_fast=True),
            Tag("<token-lists>"),
        ],
        Discriminator(_input_tag),
    ]
    model: Annotated[str, Field(min_length=1, max_length=512)]
    dimensions: Annotated[StrictInt, Field(ge=1, le=3_072)] | None = None
    encoding_format: Literal["float", "base64"] | None = None
    user: Annotated[str, Field(max_length=512)] | None = None
    input_type: Literal["query", "document"] | None = None
    """An extension: what the texts are for, where the model tells these apart."""

    @property
    def token_lists(self) -> list[list[int]] | None:
        """The inputs as lists of tokens, None where they are texts.

        Raises:
            InvalidRequest: together they are more than a request may hold.
        """
        if isinstance(self.input, str) or isinstance(self.input[0], str):
            return None
        is_one = isinstance(self.input[0], int)
        lists = cast("list[list[int]]", [self.input] if is_one else self.input)
        _check_total(sum(map(len, lists)))
        return lists

    @property
    def texts(self) -> list[str]:
        """The inputs as a list, where they are texts.

        Raises:
            InvalidRequest: one is empty, or together they are more than a request may hold.
        """
        texts = [self.input] if isinstance(self.input, str) else cast("list[str]", self.input)
        for i, text in enumerate(texts):
            if not text:
                param = self.param_of(i)
                raise InvalidRequest(
                    f"'{param}' is an empty string; every input needs text.", param=param
                )
        _check_total(sum(math.ceil(len(text) / _CHARS_PER_TOKEN) for text in texts))
        return texts

    def param_of(self, position: int) -> str:
        """Return where an input stands, for an error."""
        is_alone = isinstance(self.input, str) or isinstance(self.input[0], int)
        return "input" if is_alone else f"input[{position}]"

    def check_lengths(self, texts: Sequence[str], longest_tokens: int) -> None:
        """Return where no text is far longer than the `longest_tokens` that the model reads.

        Gemini leaves out the rest without a word, and the vector stands for a part of the text
        only. Nobody outside Google can count its tokens, so only what is certain is refused.

        Raises:
            ContextLengthExceeded: one is.
        """
        most_bytes = longest_tokens * _BYTES_PER_TOKEN
        for i, text in enumerate(texts):
            if len(text) * 4 > most_bytes and len(text.encode("utf-8", "replace")) > most_bytes:
                param = self.param_of(i)
                raise ContextLengthExceeded(
                    f"'{param}' is longer than the {longest_tokens:,} tokens the model reads.",
                    param=param,
                )


def _check_total(tokens: int) -> None:
    if tokens > MAX_TOKENS:
        raise InvalidRequest(
            f"A request holds at most {MAX_TOKENS:,} tokens; this one has about {tokens:,}.",
            param="input",
            code="max_tokens_per_request",
        )


def embeddings_response(
    vectors: NDArray[np.float32],
    *,
    model: str,
    tokens: int,
    encoding_format: Literal["float", "base64"] | None,
) -> dict[str, Any]:
    """Return OpenAI's answer, one entry a row, in order; vectors stay numpy for orjson."""

    def encode(vector: NDArray[np.float32]) -> Any:
        if encoding_format == "base64":
            return base64.b64encode(vector.astype("<f4").tobytes()).decode()
        return vector

    return {
        "object": "list",
        "data": [
            {"object": "embedding", "index": i, "embedding": encode(vector)}
            for i, vector in enumerate(vectors)
        ],
        "model": model,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }
