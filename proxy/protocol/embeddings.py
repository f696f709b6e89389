"""POST /v1/embeddings: request and answer.

`encoding_format` is honoured to the letter: openai-node asks for base64 by itself and reads a list
of floats as an empty vector without any error.
"""

import base64
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Discriminator, Field, StrictInt, Tag

from proxy.errors import InvalidRequest
from proxy.protocol.chat_request import Wire, one_or_list

MAX_INPUTS = 2_048
_MAX_INPUT_CHARS = 500_000

InputText = Annotated[str, Field(max_length=_MAX_INPUT_CHARS)]


class EmbeddingsRequest(Wire):
    """Texts to turn into vectors."""

    input: Annotated[
        Annotated[InputText, Tag("<one>")]
        | Annotated[
            list[InputText],
            Field(min_length=1, max_length=MAX_INPUTS, fail_fast=True),
            Tag("<list>"),
        ],
        Discriminator(one_or_list),
    ]
    model: Annotated[str, Field(min_length=1, max_length=512)]
    dimensions: Annotated[StrictInt, Field(ge=1, le=3_072)] | None = None
    encoding_format: Literal["float", "base64"] | None = None
    user: Annotated[str, Field(max_length=512)] | None = None
    input_type: Literal["query", "document"] | None = None
    """An extension: what the texts are for, where the model tells these apart."""

    @property
    def texts(self) -> list[str]:
        """The inputs as a list.

        Raises:
            InvalidRequest: one is empty.
        """
        texts = [self.input] if isinstance(self.input, str) else list(self.input)
        for i, text in enumerate(texts):
            if not text:
                param = "input" if isinstance(self.input, str) else f"input[{i}]"
                raise InvalidRequest(
                    f"'{param}' is an empty string; every input needs text.", param=param
                )
        return texts


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
