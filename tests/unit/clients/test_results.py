"""A driver's lines are weighed: what surprises fails the run, what is a known limit does not."""

import json

from clients.catalog import CLIENTS, Client
from clients.results import RAN, results_of, table

_CLIENT = Client("a client", CLIENTS[0].folder, "openai", limits={"sources": "it drops them"})


def _line(check: str, *, ok: bool, detail: str = "") -> str:
    return json.dumps({"check": check, "ok": ok, "detail": detail})


def _verdicts(*lines: str, stderr: str = "", returncode: int | None = 0) -> dict[str, str]:
    found = results_of(_CLIENT, stdout="\n".join(lines), stderr=stderr, returncode=returncode)
    return {result.check: result.verdict for result in found}


def test_a_check_works_or_fails_or_meets_a_known_limit() -> None:
    verdicts = _verdicts(
        _line("chat", ok=True), _line("stream", ok=False), _line("sources", ok=False)
    )
    assert verdicts == {"chat": "works", "stream": "fails", "sources": "limit"}


def test_a_limit_that_has_gone_is_a_surprise() -> None:
    found = results_of(_CLIENT, stdout=_line("sources", ok=True), stderr="", returncode=0)
    assert [result.is_surprise for result in found] == [True]


def test_a_limit_without_its_check_is_a_surprise() -> None:
    assert _verdicts(_line("chat", ok=True))["sources"] == "no limit any more"


def test_a_clients_own_words_are_no_results() -> None:
    verdicts = _verdicts("Warning: beta", "[1, 2]", _line("sources", ok=False))
    assert verdicts == {"sources": "limit"}


def test_a_driver_that_ends_badly_or_says_nothing_fails() -> None:
    assert _verdicts(_line("sources", ok=False), returncode=1)[RAN] == "fails"
    assert _verdicts(returncode=0)[RAN] == "fails"
    assert _verdicts(_line("sources", ok=False), returncode=None)[RAN] == "fails"


def test_the_table_says_why_something_does_not_work() -> None:
    lines = [_line("chat", ok=True, detail="fine"), _line("sources", ok=False, detail="gone")]
    shown = table(results_of(_CLIENT, stdout="\n".join(lines), stderr="", returncode=0))
    assert "✓ chat\n" in shown
    assert "– sources  limit: gone" in shown
