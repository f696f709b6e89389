"""Tells the server that owns the embedded index about a change another process made."""

import typer

from proxy.bootstrap.books import running_server
from proxy.settings import Settings

_TIMEOUT_S = 30.0


async def tell_running_server(settings: Settings, book_id: str) -> None:
    """Make the running server serve the change; nothing happens where none runs.

    A server that does not answer keeps serving the edition it has: the operator is told.
    """
    found = running_server(settings)
    if found is None:
        return
    import httpx  # noqa: PLC0415 - takes 70 ms, and where no server runs nobody is told

    headers = {"authorization": f"Bearer {found.token}"}
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as http:
            reply = await http.post(f"{found.url}/api/content/refresh", headers=headers)
            reply.raise_for_status()
    except httpx.HTTPError as exc:
        typer.echo(
            f"book-proxy: the server at {found.url} did not take over '{book_id}' ({exc!r}); "
            "restart it",
            err=True,
        )
