"""The map of all URLs, on one screen."""

from fastapi import APIRouter

from proxy.api import (
    chat_completions,
    content,
    embeddings,
    models,
    operations,
    responses,
    sources,
    web,
)

router = APIRouter()
router.include_router(chat_completions.router)  # POST /v1/chat/completions
router.include_router(responses.router)  #        POST /v1/responses
router.include_router(embeddings.router)  #       POST /v1/embeddings
router.include_router(models.router)  #           GET  /v1/models[/{id}]
router.include_router(sources.router)  #          GET  /v1/sources/{chunk_id}
router.include_router(content.router)  #               /api/content/…
router.include_router(operations.router)  #       GET  /health, /ready
router.include_router(web.router)  #              GET  /
