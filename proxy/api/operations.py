"""GET /health and /ready."""

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from proxy.api.deps import state_of
from proxy.state import AppState

router = APIRouter(tags=["Operations"])


@router.head("/health", include_in_schema=False)
@router.get("/health", summary="Is the process alive")
async def health() -> dict[str, str]:
    """Answer as long as the process can."""
    return {"status": "ok"}


@router.get("/ready", summary="Can it do its whole job")
async def ready(request: Request) -> JSONResponse:
    """Check every dependency; 503 names those that fail and have nothing that stands in."""
    state = state_of(request)
    checks = await _checks(state)
    is_ready = all(
        outcome == "ok" or checks.get(state.checks[name].stand_in or "") == "ok"
        for name, outcome in checks.items()
    )
    return JSONResponse(
        {"status": "ready" if is_ready else "not ready", "checks": checks},
        status_code=200 if is_ready else 503,
    )


async def _checks(state: AppState) -> dict[str, str]:
    names = list(state.checks)
    outcomes = await asyncio.gather(*(state.checks[name].outcome() for name in names))
    return dict(zip(names, outcomes, strict=True))
