"""POST /api/insights/retrieval: what retrieval makes of a question, stage by stage; for authors."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request

from proxy.api.deps import json_body, links_of, state_of
from proxy.api.guard import GuardedRoute, caller_of
from proxy.api.openapi import json_request
from proxy.api.passages import passage_object, place_object
from proxy.api.policy import within_policy
from proxy.corpus import Chunk
from proxy.deadline import Deadline
from proxy.errors import InvalidRequest
from proxy.protocol.parsing import parse
from proxy.protocol.site_insights import RetrievalRequest

router = APIRouter(route_class=GuardedRoute, prefix="/api/insights", tags=["Insights"])


@router.post(
    "/retrieval",
    summary="Debug the retrieval of a question",
    openapi_extra=json_request(RetrievalRequest),
)
async def retrieval(request: Request) -> dict[str, Any]:
    """Search as an answer would, ask no model, and tell every stage of it.

    `explain` names chunks by their ids; `chunks` says where each of these stands.
    """
    caller_of(request).require("author")
    asked = parse(RetrievalRequest, await json_body(request))
    if asked.rag.selected_text is not None:
        raise InvalidRequest(
            "A selection is not searched for: it answers as it is.", param="rag.selected_text"
        )
    options = await within_policy(request, asked.rag.model_copy(update={"explain": True}))
    state, links = state_of(request), links_of(request)
    deadline = Deadline.after(state.settings.server.request_timeout_s)
    found = await state.retriever.retrieve(asked.question, options, deadline, mode=asked.mode)
    chunks: Mapping[str, Chunk] = {}
    if found.explain:
        named = _named(found.explain)
        chunks = await state.index.read(named, deadline=deadline, books=options.books)
    return {
        "question": asked.question,
        "status": "degraded" if found.is_by_words_alone else found.status,
        "reason": found.reason,
        "mode": asked.mode or state.settings.rag.search_mode,
        "top_k": options.top_k or state.settings.rag.top_k,
        "passages": [passage_object(one, links) for one in found.passages],
        "nearby": [passage_object(one, links) for one in found.nearby],
        "explain": found.explain,
        "chunks": {chunk_id: place_object(chunk, links) for chunk_id, chunk in chunks.items()},
    }


def _named(explain: Mapping[str, Any]) -> set[str]:
    shown = [one for stage in explain["stages"] for one in stage["best"]]
    return {one["chunk_id"] for one in [*shown, *explain["dropped"]]}
