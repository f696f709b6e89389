"""`book-proxy ask`: the whole pipeline on a terminal."""

import asyncio
from contextlib import aclosing
from typing import Annotated, Any

import orjson
import typer

from proxy.cli.arguments import not_blank
from proxy.cli.local_server import LocalServer, local_server
from proxy.settings import Settings, load_settings
from proxy.telemetry.logs import configure_logs

_PATH = "/v1/chat/completions"
_ANY_MODEL = "gpt-4o"
"""An alias: whatever model the server is configured with."""


def ask(
    question: Annotated[str, typer.Argument(help="What to ask.", callback=not_blank)],
    book: Annotated[str | None, typer.Option(help="Id of a book; default: all.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the chat completion.")] = False,
) -> None:
    """Ask the books; the answer is streamed, its sources listed below."""
    settings = load_settings()
    configure_logs("WARNING", settings.server.log_format)
    asyncio.run(_ask(settings, question, book, as_json=as_json))


async def _ask(settings: Settings, question: str, book: str | None, *, as_json: bool) -> None:
    body: dict[str, Any] = {
        "model": _ANY_MODEL,
        "messages": [{"role": "user", "content": question}],
        "rag": {"books": [book] if book else None},
    }
    async with local_server(settings) as server:
        if as_json:
            typer.echo(orjson.dumps(await server.post(_PATH, body)).decode())
        else:
            await _stream(server, body)


async def _stream(server: LocalServer, body: dict[str, Any]) -> None:
    said = ""
    sources: dict[str, dict[str, Any]] = {}
    async with aclosing(server.events(_PATH, {**body, "stream": True})) as events:
        async for event in events:
            for choice in event["choices"]:
                text = choice["delta"].get("content") or ""
                typer.echo(text, nl=False)
                said += text
                for annotation in choice["delta"].get("annotations", ()):
                    cited = annotation["url_citation"]
                    sources[said[cited["start_index"] : cited["end_index"]]] = cited
    typer.echo()
    for marker, cited in sources.items():
        page = cited["url"].partition(":~:")[0].rstrip("#")
        typer.echo(f"{marker:>5} {cited['title']}\n      {page}")
