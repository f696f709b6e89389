"""One event a line, in the form that was asked for, and no contents of variables."""

import json
import subprocess
import sys

import pytest

from tests.support.environment import clean_environment
from tests.support.repository import ROOT

# Logging is set up for a process, so each test has one of its own.
PROGRAM = """
import logging, sys
from proxy.telemetry.logs import configure_logs, log
from proxy.telemetry.requests import begin_request

def fail(prompt):
    raise RuntimeError("of no use")

configure_logs(sys.argv[1], sys.argv[2])
begin_request("req-1")
log.debug("too fine")
log.info("served", ms=1.5, path="/v1", odd=object)
logging.getLogger("library").warning("of a library %s", "with arguments")
logging.getLogger("library").info("too fine")
logging.getLogger("uvicorn.error").info("of the server")
try:
    fail("the reader's question")
except RuntimeError as exc:
    log.error("unexpected_error", exc_info=exc)
    logging.getLogger("library").error("failed", exc_info=exc)
"""


def _logged(level: str, form: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, level, form],
        env=clean_environment({"PYTHONPATH": str(ROOT)}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == ""
    return done.stderr


def test_json_is_one_object_a_line_whoever_logs() -> None:
    events = [json.loads(line) for line in _logged("INFO", "json").splitlines()]
    assert [event["event"] for event in events] == [
        "served", "of a library with arguments", "of the server", "unexpected_error", "failed",
    ]  # fmt: skip
    for event in events:
        assert event["timestamp"].endswith("Z")
        assert event["request_id"] == "req-1"
    assert events[0]["ms"] == 1.5
    assert events[1] | {"level": "warning", "logger": "library"} == events[1]
    for failed in events[3:]:
        assert "RuntimeError: of no use" in failed["exception"]


@pytest.mark.parametrize("form", ["json", "console"])
def test_tracebacks_show_no_variables(form: str) -> None:
    logged = _logged("INFO", form)
    assert "RuntimeError" in logged
    assert "question" not in logged.replace('fail("the reader\'s question")', "")


def test_people_get_lines_without_colours_into_files() -> None:
    logged = _logged("WARNING", "console")
    assert "\x1b" not in logged
    assert "served" not in logged
    assert "of a library with arguments" in logged


def test_the_finest_level_shows_everything_of_ours() -> None:
    logged = _logged("DEBUG", "console")
    assert logged.count("too fine") == 1
