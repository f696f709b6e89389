"""GET /health and /ready, the book site's names for them, and /metrics."""

import asyncio

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from proxy.api.deps import state_of
from proxy.api.guard import GuardedRoute, caller_of
from proxy.state import IN_PROCESS, AppState
from proxy.telemetry.scraping import exposition

router = APIRouter(tags=["Operations"])
guarded = APIRouter(route_class=GuardedRoute, tags=["Operations"])


@router.head("/health", include_in_schema=False)
@router.get("/health", summary="Is the process alive")
async def health() -> dict[str, str]:
    """Answer as long as the process can."""
    return {"status": "ok"}


@router.get("/api/health", summary="Is the process alive")
async def site_health() -> dict[str, str]:
    """Answer as long as the process can."""
    return {"status": "ok"}


@router.get("/api/health/db", summary="Does the database answer")
async def database_health(request: Request) -> JSONResponse:
    """Check the database; 503 where it does not answer."""
    return await _one(request, "database")


@router.get("/api/health/qdrant", summary="Can the books be searched")
async def qdrant_health(request: Request) -> JSONResponse:
    """Check the index; 503 where it does not answer."""
    return await _one(request, "qdrant")


@guarded.get("/metrics", summary="Metrics for Prometheus", response_class=Response)
async def metrics(request: Request) -> Response:
    """Return the metrics of this process, for admins."""
    caller_of(request).require("admin")
    body, media_type = exposition()
    return Response(body, headers={"content-type": media_type})


async def _one(request: Request, name: str) -> JSONResponse:
    outcome = await state_of(request).checks[name].outcome()
    return JSONResponse({"status": outcome}, status_code=200 if outcome == "ok" else 503)


@router.get("/ready", summary="Can it do its whole job")
async def ready(request: Request) -> JSONResponse:
    """Check every dependency; 503 names those that fail and have nothing that stands in."""
    state = state_of(request)
    checks = await _checks(state)
    fallbacks = {name: state.checks[name].stand_in for name in checks}
    is_ready = all(
        outcome == "ok"
        or fallbacks[name] == IN_PROCESS
        or checks.get(fallbacks[name] or "") == "ok"
        for name, outcome in checks.items()
    )
    says: dict[str, object] = {"status": "ready" if is_ready else "not ready", "checks": checks}
    if circuits := _circuits(state):
        says["circuits"] = circuits
    return JSONResponse(says, status_code=200 if is_ready else 503)


def _circuits(state: AppState) -> dict[str, str]:
    """Return the models that are left alone, or just tried again, for having failed too often."""
    return {
        f"{upstream.name}/{model}" if model else upstream.name: circuit.state
        for upstream in state.upstreams
        for model, circuit in upstream.circuits()
    }


async def _checks(state: AppState) -> dict[str, str]:
    names = list(state.checks)
    outcomes = await asyncio.gather(*(state.checks[name].outcome() for name in names))
    return dict(zip(names, outcomes, strict=True))
