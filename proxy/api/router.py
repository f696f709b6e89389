"""The map of all URLs, on one screen."""

from fastapi import APIRouter

from proxy.api import (
    chat,
    chat_completions,
    content,
    conversations,
    embeddings,
    me,
    models,
    operations,
    responses,
    sources,
    usage,
    web,
)
from proxy.api.chatkit import endpoint as chatkit

router = APIRouter()
router.include_router(chat_completions.router)  # POST /v1/chat/completions
router.include_router(responses.router)  #        POST /v1/responses
router.include_router(embeddings.router)  #       POST /v1/embeddings
router.include_router(models.router)  #           GET  /v1/models[/{id}]
router.include_router(sources.router)  #          GET  /v1/sources/{chunk_id}
router.include_router(chat.router)  #             POST /api/chat[/stream], /chat, /api/v1/chat…
router.include_router(conversations.router)  #         /api/chat/…
router.include_router(chatkit.router)  #          POST /chatkit, GET /chatkit/config
router.include_router(me.router)  #           GET PUT  /api/me
router.include_router(usage.router)  #            GET  /api/usage, /api/interactions
router.include_router(content.router)  #               /api/content/…
router.include_router(operations.guarded)
router.include_router(operations.router)  #       GET  /health, /ready, /api/health…, /metrics
router.include_router(web.router)  #              GET  /
