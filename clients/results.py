"""What came of a check: the driver's word, weighed against the limits that are known. Pure."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from clients.catalog import Client

Verdict = Literal["works", "limit", "fails", "no limit any more"]

RAN: Final = "the driver runs"
"""The check that stands for a driver's own end."""


@dataclass(frozen=True, slots=True)
class Result:
    """One check of one client."""

    client: Client
    check: str
    is_ok: bool
    detail: str
    """How it was done, or what went wrong."""

    @property
    def verdict(self) -> Verdict:
        """What it means."""
        is_known = self.check in self.client.limits
        if self.is_ok:
            return "no limit any more" if is_known else "works"
        return "limit" if is_known else "fails"

    @property
    def is_surprise(self) -> bool:
        """Whether the run fails for it."""
        return self.verdict in {"fails", "no limit any more"}


def results_of(client: Client, *, stdout: str, stderr: str, returncode: int | None) -> list[Result]:
    """Return what a driver has said; `returncode` None: it was stopped for taking too long."""
    found = [
        Result(client, str(line["check"]), bool(line["ok"]), str(line["detail"]))
        for line in map(_line, stdout.splitlines())
        if line is not None
    ]
    words = " ".join(stderr.strip().splitlines()[-3:])[-600:]
    if returncode is None:
        found.append(Result(client, RAN, is_ok=False, detail=f"took too long. {words}"))
    elif returncode != 0 or not found:
        detail = f"exit code {returncode} after {len(found)} checks. {words}"
        found.append(Result(client, RAN, is_ok=False, detail=detail))
    missing = client.limits.keys() - {result.check for result in found}
    found += [
        Result(client, name, is_ok=True, detail="there is a limit for it, but no such check")
        for name in sorted(missing)
    ]
    return found


def _line(text: str) -> dict[str, Any] | None:
    try:
        line: Any = json.loads(text)
    except json.JSONDecodeError:
        return None  # a client's own words
    return cast("dict[str, Any]", line) if isinstance(line, dict) and "check" in line else None


def table(results: Sequence[Result]) -> str:
    """Return the results for a terminal, details only of what does not work."""
    marks = {"works": "✓", "limit": "–", "fails": "✗", "no limit any more": "!"}
    lines: list[str] = []
    for client in _clients(results):
        own = [result for result in results if result.client is client]
        lines.append(f"{client.title} {client.version}")
        for result in own:
            said = "" if result.verdict == "works" else f"  {result.verdict}: {result.detail}"
            lines.append(f"  {marks[result.verdict]} {result.check}{said}")
    return "\n".join(lines)


def _clients(results: Iterable[Result]) -> list[Client]:
    return list({id(result.client): result.client for result in results}.values())
