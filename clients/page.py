"""Renders `docs/reference/clients.md` from the results: nothing in it depends on time or place."""

from collections.abc import Sequence
from typing import Final

from clients.catalog import CLIENTS, Client
from clients.results import Result

_HEAD: Final = """\
---
title: Clients
sidebar_position: 12
description: Which OpenAI clients work with the proxy, driven for real.
---

`make clients` drives the clients below against a running proxy, each in an environment of \
its own, and writes this page from what it finds: {count} checks. The model behind the proxy is \
scripted and as strict as Gemini: it refuses a tool call that lost its result or its thought \
signature. How to set up the SDKs is told [in a guide](../guides/openai-sdks.md).

## Which client can do what? {{#overview}}

"""
_LEGEND: Final = """
✓ works; (✓) works but for a limit of the client's own, named below; – not tried, because the \
client has no such thing or leaves it to another one.

"""
_COLUMNS: Final = (
    ("chat", ("chat",)),
    ("stream", ("stream",)),
    ("sources", ("sources",)),
    ("retrieval options", ("retrieval options",)),
    ("tools", ("tools", "parallel tools")),
    ("structured output", ("structured output", "JSON mode")),
    ("embeddings", ("embeddings",)),
    ("`/v1/responses`", ("responses",)),
)
"""Heading, and how the checks begin that belong below it."""


def page(results: Sequence[Result]) -> str:
    """Return the whole page for results of which none is a surprise."""
    used = [client for client in CLIENTS if any(one.client is client for one in results)]
    sections = [
        _section(client, [one for one in results if one.client is client]) for client in used
    ]
    head = _HEAD.format(count=len(results))
    return head + _overview(used, results) + _LEGEND + "\n".join(sections)


def _overview(clients: Sequence[Client], results: Sequence[Result]) -> str:
    lines = [_row(["Client", "Version", *(heading for heading, _ in _COLUMNS)])]
    lines.append(_row(["---"] * (len(_COLUMNS) + 2)))
    for client in clients:
        own = [one for one in results if one.client is client]
        cells = [_cell(own, starts) for _, starts in _COLUMNS]
        if client.is_over_responses:
            cells[-1] = "✓"
        lines.append(_row([client.title, client.version, *cells]))
    return "\n".join(lines) + "\n"


def _cell(results: Sequence[Result], starts: tuple[str, ...]) -> str:
    verdicts = [one.verdict for one in results if one.check.startswith(starts)]
    if not verdicts:
        return "–"
    return "✓" if set(verdicts) == {"works"} else "(✓)"


def _section(client: Client, results: Sequence[Result]) -> str:
    anchor = "-".join((client.folder, *client.arguments)).replace("_", "-")
    lines = [f"## {client.title} {client.version} {{#{anchor}}}", ""]
    lines += [_row(["Tried", "Result", "How, or why not"]), _row(["---"] * 3)]
    for one in results:
        limit = client.limits.get(one.check)
        lines.append(_row([one.check, "limit" if limit else "works", limit or one.detail]))
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
