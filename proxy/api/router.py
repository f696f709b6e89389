"""The map of all URLs, on one screen."""

from fastapi import APIRouter

from proxy.api import (
    chat,
    chat_completions,
    chat_config,
    content,
    content_jobs,
    conversations,
    embeddings,
    files,
    insights,
    insights_retrieval,
    keys,
    me,
    models,
    operations,
    responses,
    sources,
    usage,
    vector_store_files,
    vector_stores,
    web,
)
from proxy.api.chatkit import endpoint as chatkit

router = APIRouter()
router.include_router(chat_completions.router)  # POST /v1/chat/completions
router.include_router(responses.router)  #        POST /v1/responses
router.include_router(embeddings.router)  #       POST /v1/embeddings
router.include_router(models.router)  #           GET  /v1/models[/{id}]
router.include_router(files.router)  #                /v1/files[/{id}]
router.include_router(vector_stores.router)  #        /v1/vector_stores[/{id}[/search]]
router.include_router(vector_store_files.router)  #   /v1/vector_stores/{id}/files[/{id}]
router.include_router(sources.router)  #          GET  /v1/sources/{chunk_id}
router.include_router(chat.router)  #             POST /api/chat[/stream], /chat, /api/v1/chat…
router.include_router(chat_config.router)  #      GET  /api/chat/config
router.include_router(conversations.router)  #         /api/chat/…
router.include_router(chatkit.router)  #          POST /chatkit, GET /chatkit/config
router.include_router(me.router)  #           GET PUT  /api/me
router.include_router(usage.router)  #            GET  /api/usage, /api/interactions
router.include_router(keys.router)  #             GET  /api/keys
router.include_router(insights.router)  #         GET  /api/insights/…
router.include_router(insights_retrieval.router)  # POST /api/insights/retrieval
router.include_router(content.router)  #          GET  /api/content/search, …/books
router.include_router(content_jobs.router)  #          /api/content/ingest, …/jobs/{id}, …/{id}
router.include_router(operations.guarded)
router.include_router(operations.router)  #       GET  /health, /ready, /api/health…, /metrics
router.include_router(web.router)  #              GET  /, /admin
