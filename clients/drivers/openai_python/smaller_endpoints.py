"""Checks of embeddings, models and errors."""

import base64
import json
import struct

from asking import ask, client
from checks import check
from openai import NotFoundError


@check("embeddings")
def _() -> str:
    texts = ["the brass lever", "a valve"]
    plain = client.embeddings.create(
        model="text-embedding-3-small", input=texts, encoding_format="float"
    )
    packed = client.embeddings.create(model="text-embedding-3-small", input=texts)
    raw = client.embeddings.with_raw_response.create(
        model="text-embedding-3-small", input=texts, encoding_format="base64"
    )
    data = json.loads(raw.text if isinstance(raw.text, str) else raw.text())["data"][0]["embedding"]
    unpacked = struct.unpack(f"<{len(plain.data[0].embedding)}f", base64.b64decode(data))
    for vector in (packed.data[0].embedding, unpacked):
        pairs = zip(plain.data[0].embedding, vector, strict=True)
        assert all(abs(a - b) < 1e-5 for a, b in pairs)
    assert [one.index for one in plain.data] == [0, 1]
    return "`float` and `base64`"


@check("models")
def _() -> str:
    names = [model.id for model in client.models.list()]
    assert any(name.startswith("gemini-") for name in names), names
    assert client.models.retrieve(names[0]).id == names[0]
    return "list and retrieve"


@check("errors")
def _() -> str:
    error = None
    try:
        client.chat.completions.create(model="no-such-model", messages=ask)
    except NotFoundError as exc:
        error = exc
    assert error is not None, "an unknown model was accepted"
    assert error.code == "model_not_found", error.code
    return "`NotFoundError` with its code"
