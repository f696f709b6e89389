"""`ingest --context llm` with a Gemini that is fake but on a real socket."""

import json
from pathlib import Path

from tests.support.command_line import CommandLine
from tests.support.gemini_errors import api_key_invalid
from tests.support.gemini_replies import Text
from tests.support.gemini_requests import RecordedRequest
from tests.support.gemini_server import FakeGemini
from tests.support.sample_books import PUMPS, write_pumps

CONTEXT = "This is about the zorbulating of the Quillon pump."


def is_for_context(request: RecordedRequest) -> bool:
    return "where the passage stands" in request.system_text


def test_contexts_are_priced_written_once_found_by_and_never_shown(
    command_line: CommandLine, threaded_gemini: FakeGemini, tmp_path: Path
) -> None:
    book = write_pumps(tmp_path / PUMPS)
    env = {
        "PROXY_DATA_DIR": str(tmp_path / "data"),
        "EMBEDDER": "local",
        "GEMINI_API_KEY": "test-key",
        "GEMINI_BASE_URL": threaded_gemini.url,
    }
    ingest = ("ingest", str(book), "--book", PUMPS, "--context", "llm")
    threaded_gemini.reply_by(lambda r: Text(CONTEXT) if is_for_context(r) else None)

    rehearsed = command_line(*ingest, "--dry-run", env=env)
    assert rehearsed.returncode == 0, rehearsed.stderr
    assert "contexts: 3 to write (0 are there), at most " in rehearsed.stderr
    assert threaded_gemini.generating_requests == []

    done = command_line(*ingest, "--json", env=env)
    assert done.returncode == 0, done.stderr
    assert "contexts: 3 to write" in done.stderr
    assert json.loads(done.stdout)["context"]["chunks"] == 3
    assert len(threaded_gemini.generating_requests) == 3
    assert all("flash-lite" in r.path for r in threaded_gemini.generating_requests)

    found = command_line("search", "zorbulating", "--book", PUMPS, "--json", env=env)
    passages = json.loads(found.stdout)
    assert passages
    assert "zorbulating" not in found.stdout

    again = command_line(*ingest, "--json", env=env)
    assert json.loads(again.stdout)["unchanged"] == 2
    assert len(threaded_gemini.generating_requests) == 3

    threaded_gemini.reply_by(lambda r: api_key_invalid() if is_for_context(r) else None)
    (book / "winter.md").write_text("# Winter care\n\nSomething new.\n")
    refused = command_line(*ingest, env=env)
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr


def test_without_a_model_the_way_out_is_named(command_line: CommandLine, tmp_path: Path) -> None:
    book = write_pumps(tmp_path / PUMPS)
    env = {"PROXY_DATA_DIR": str(tmp_path / "data"), "EMBEDDER": "local"}
    refused = command_line("ingest", str(book), "--book", PUMPS, "--context", "llm", env=env)
    assert refused.returncode == 2
    assert "set GEMINI_API_KEY" in refused.stderr
