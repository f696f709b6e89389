"""What a server needs, opened in order and closed in reverse."""

import secrets
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial

from proxy.adapters.cache.embedder import CachedEmbedder
from proxy.adapters.cl100k import decode_tokens
from proxy.adapters.gemini.catalog import UpstreamModels
from proxy.adapters.gemini.transport import GeminiTransport
from proxy.adapters.local.cross_encoder import CrossEncoder
from proxy.bootstrap.books import Endpoint, index_for, open_writer
from proxy.bootstrap.caching import cache_for, memory_of
from proxy.bootstrap.embedding import embedder_for, http_session, warm_up
from proxy.bootstrap.limiting import accounts_in, gate_for
from proxy.bootstrap.readers import (
    anonymous_ids,
    has_open_jobs,
    has_stored_keys,
    kept_store,
    token_verifier,
)
from proxy.bootstrap.upstreams import answering, fast_model, main_model, traced
from proxy.deadline import CHECK_TIMEOUT_S, Deadline
from proxy.dialogue.recorder import Recorder
from proxy.dialogue.turn import Dialogue
from proxy.identity.key_set import KeySet
from proxy.identity.recognition import Recognition
from proxy.library.desk import Desk
from proxy.library.process import work_in_process
from proxy.library.runner import JobRunner
from proxy.limits.accounts import Accounts
from proxy.limits.gate import Gate
from proxy.ports import BookIndex, Cache, ChatGenerator, Embedder, Reranker
from proxy.protocol.models import ModelCatalog
from proxy.rag.lookup import Lookup
from proxy.rag.pipeline import Pipeline
from proxy.rag.retrieval.llm_reranker import LlmReranker
from proxy.rag.retrieve import Retriever
from proxy.rag.rewrite import Rewriter
from proxy.settings import Settings
from proxy.state import Admission, AppState, DependencyCheck
from proxy.store import LazyStore
from proxy.telemetry.tracing import opened_tracing

_GEMINI_NATIVE_DIMENSIONS = 3_072


@asynccontextmanager
async def open_state(
    settings: Settings, endpoint: Endpoint | None = None, *, runs_jobs: bool = False
) -> AsyncGenerator[AppState]:
    """Open what a server needs; `runs_jobs` for one that stays and takes up ingest jobs.

    `endpoint` is announced to this machine's command line, for the embedded index has one owner.

    Raises:
        ConfigurationError: the settings cannot work.
        Conflict: another process owns the embedded index.
    """
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(http_session(settings))
        transport = GeminiTransport(session, settings.gemini)
        embedder = await _warm_embedder(settings, transport, stack)
        token = secrets.token_urlsafe(32)
        upstreams = [transport.upstream]
        index, refresh = await index_for(
            settings, session, embedder, stack, endpoint, token, upstreams
        )
        models = UpstreamModels(transport)
        generator, generator_checks = await answering(
            settings, transport, models, embedder, stack, upstreams
        )
        tracing = await stack.enter_async_context(opened_tracing(settings.telemetry))
        generator, embedder = traced(generator, embedder, settings, tracing)
        cache = await cache_for(settings, stack)
        retriever = _retriever(settings, CachedEmbedder(embedder, cache), index, generator, stack)
        await _keep_fresh(models, settings, stack)
        store = await kept_store(settings, stack)
        recorder = await stack.enter_async_context(Recorder(store))
        has_keys = await has_stored_keys(settings, store)
        accounts, gate, limit_checks = await _door(settings, store, stack, has_keys=has_keys)
        verifier, issuer_keys = token_verifier(settings, session)
        checks = generator_checks | limit_checks | _reader_checks(store, issuer_keys)
        pipeline = _pipeline(settings, generator, retriever, embedder, index, cache)
        yield AppState(
            settings=settings,
            catalog=_catalog(settings, embedder, models),
            pipeline=pipeline,
            retriever=retriever,
            index=index,
            embedder=embedder,
            decode_tokens=decode_tokens,
            checks=_checks(settings, index, checks, transport),
            admission=Admission(settings.server.max_open_generations),
            refresh_index=refresh,
            open_writer=partial(open_writer, settings, embedder, refresh),
            desk=await _desk(settings, store, refresh, stack, runs_jobs=runs_jobs),
            local_token=token,
            store=store,
            dialogue=Dialogue(pipeline, recorder, embedder, settings.store.max_history_tokens),
            recognition=Recognition(store, verifier),
            anonymous_ids=anonymous_ids(settings),
            gate=gate,
            accounts=accounts,
            upstreams=upstreams,
            tracing=tracing,
            has_stored_keys=has_keys,
        )


async def _warm_embedder(
    settings: Settings, transport: GeminiTransport, stack: AsyncExitStack
) -> Embedder:
    embedder = embedder_for(settings, transport, stack)
    if settings.embedder == "local":
        await warm_up(embedder)
    return embedder


async def _keep_fresh(models: UpstreamModels, settings: Settings, stack: AsyncExitStack) -> None:
    if "gemini" in {settings.generator, settings.fallback.generator, settings.embedder}:
        await stack.enter_async_context(models.kept_fresh())


async def _door(
    settings: Settings, store: LazyStore, stack: AsyncExitStack, *, has_keys: bool
) -> tuple[Accounts, Gate, dict[str, DependencyCheck]]:
    """Return what lets requests in and counts them, and how to ask whether it can."""
    has_auth = settings.has_auth or has_keys
    accounts = accounts_in(store, has_auth=has_auth)
    await stack.enter_async_context(accounts.kept())
    gate, checks = await gate_for(settings, accounts, has_auth=has_auth, stack=stack)
    return accounts, gate, checks


def _retriever(
    settings: Settings,
    embedder: Embedder,
    index: BookIndex,
    generator: ChatGenerator,
    stack: AsyncExitStack,
) -> Retriever:
    reranker = _reranker(settings, generator, stack)
    return Retriever(embedder, index, settings.rag, settings.embedding, reranker)


def _pipeline(
    settings: Settings,
    generator: ChatGenerator,
    retriever: Retriever,
    embedder: Embedder,
    index: BookIndex,
    cache: Cache,
) -> Pipeline:
    lookup = Lookup(retriever, settings.rag, _rewriter(settings, generator))
    checks_by = embedder if settings.embedder == "local" else None
    return Pipeline(generator, lookup, checks_by, memory_of(settings, cache, index))


async def _desk(
    settings: Settings,
    store: LazyStore,
    refresh: Callable[[], Awaitable[None]],
    stack: AsyncExitStack,
    *,
    runs_jobs: bool,
) -> Desk:
    """Return where authors' orders are taken, and begin to work on them where that is done."""
    runner = JobRunner(store, work_in_process, on_done=refresh)
    if runs_jobs:
        has_work = await has_open_jobs(settings, store)
        await stack.enter_async_context(runner.running(has_work=has_work))
    return Desk(store, runner.wake, settings.qdrant.existing_collection is not None)


def _rewriter(settings: Settings, generator: ChatGenerator) -> Rewriter | None:
    """Return who rewrites questions with a model, None where rules do."""
    asked = settings.rag.rewrite
    if settings.generator == "offline" or not (
        asked == "llm" or (asked == "auto" and settings.generator == "gemini")
    ):
        return None
    return Rewriter(generator, fast_model(settings), settings.rag.rewrite_timeout_s)


def _reranker(
    settings: Settings, generator: ChatGenerator, stack: AsyncExitStack
) -> Reranker | None:
    rag = settings.rag
    if rag.rerank == "llm":
        return LlmReranker(generator, fast_model(settings), rag.rerank_timeout_s)
    if rag.rerank == "local" and rag.rerank_folder is not None:
        encoder = CrossEncoder(rag.rerank_folder, limit_s=rag.rerank_timeout_s)
        stack.callback(encoder.close)
        return encoder
    return None


def _checks(
    settings: Settings,
    index: BookIndex,
    generators: dict[str, DependencyCheck],
    transport: GeminiTransport,
) -> dict[str, DependencyCheck]:
    checks = {"qdrant": DependencyCheck(index.check), **generators}
    if settings.embedder == "gemini":
        checks["embedder"] = DependencyCheck(
            lambda: transport.check(Deadline.after(CHECK_TIMEOUT_S))
        )
    return checks


def _reader_checks(store: LazyStore, issuer_keys: KeySet | None) -> dict[str, DependencyCheck]:
    checks = {"database": DependencyCheck(store.check)}
    if issuer_keys is not None:
        checks["jwks"] = DependencyCheck(issuer_keys.check)
    return checks


def _catalog(settings: Settings, embedder: Embedder, models: UpstreamModels) -> ModelCatalog:
    is_offline = settings.generator == "offline"
    is_local = settings.embedder == "local"
    main = main_model(settings.generator, settings, settings.openai)
    catalog = ModelCatalog(
        main=main,
        fast=fast_model(settings),
        embedding=embedder.model,
        native_embedding_dimensions=(
            embedder.dimensions if is_local else _GEMINI_NATIVE_DIMENSIONS
        ),
        answers_offline=is_offline,
        embeds_locally=is_local,
        created_unix_s=int(time.time()),
        passes_any_name=settings.generator == "openai",
        is_openai_itself=settings.openai.is_openai_itself,
        embedding_details=models.embedding_details,
    )
    if settings.generator != "gemini":
        return catalog
    return replace(
        catalog,
        details=models.details,
        params_without_effect=models.params_without_effect,
        others=models.names,
    )
