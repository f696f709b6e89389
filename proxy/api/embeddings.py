"""POST /v1/embeddings."""

from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from starlette.types import Send

from proxy.api.connection import WhileConnected
from proxy.api.deps import json_body, state_of
from proxy.api.entry import entry_for
from proxy.api.guard import GuardedRoute
from proxy.api.openapi import json_request
from proxy.deadline import Deadline
from proxy.protocol.chat_events import Usage
from proxy.protocol.embeddings import EmbeddingsRequest, embeddings_response
from proxy.protocol.parsing import parse

router = APIRouter(route_class=GuardedRoute, tags=["OpenAI"])


@router.post(
    "/v1/embeddings",
    summary="Turn texts into vectors",
    openapi_extra=json_request(EmbeddingsRequest),
)
async def create_embeddings(request: Request) -> Response:
    """Return one unit vector per input, in order."""
    state = state_of(request)
    asked = parse(EmbeddingsRequest, await json_body(request))
    tokens = asked.token_lists
    texts = asked.texts if tokens is None else await state.decode_tokens(tokens)
    model, promised = state.catalog.resolve_embedding(asked.model)
    longest_tokens = state.catalog.longest_embedding_input(model)
    if longest_tokens is not None and state.settings.embedding.too_long == "refuse":
        asked.check_lengths(texts, longest_tokens)
    dimensions = asked.dimensions or promised or state.catalog.native_embedding_dimensions

    async def send_embeddings(send: Send) -> None:
        async with entry_for(request, model, lambda: "\n".join(texts)) as use:
            embedded = await state.embedder.embed(
                texts,
                role=asked.input_type or "unspecified",
                deadline=Deadline.after(state.settings.server.request_timeout_s),
                dimensions=dimensions,
                model=model,
            )
            use.feed([Usage(prompt_tokens=embedded.tokens)])
        answer: dict[str, Any] = embeddings_response(
            embedded.vectors,
            model=asked.model,
            tokens=embedded.tokens,
            encoding_format=asked.encoding_format,
        )
        body = orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)
        response = Response(body, media_type="application/json")
        response.raw_headers += use.headers
        await response(request.scope, request.receive, send)

    return WhileConnected(send_embeddings)
