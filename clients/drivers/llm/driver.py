"""Drives the command line `llm`: prompts, streams, conversations, schemas, tools."""

import json
import os
import subprocess
import sys
from pathlib import Path

from checks import (
    BASE_URL,
    BOOK_ANSWER,
    BOOK_QUESTION,
    GAUGES,
    MODEL,
    NO_PASSAGE,
    PUMP_QUESTION,
    TOOL_QUESTION,
    check,
    run,
)

PROGRAM = Path(sys.executable).with_name("llm")
FOLDER = Path(os.environ["LLM_USER_PATH"])
FOLDER.mkdir(parents=True, exist_ok=True)
(FOLDER / "extra-openai-models.yaml").write_text(
    "".join(
        f"""\
- model_id: {name}
  model_name: {model}
  api_base: {BASE_URL}
  can_stream: true
  supports_tools: true
  supports_schema: true
"""
        for name, model in (("book", MODEL), ("plain", f"{MODEL}:no-rag"))
    ),
    encoding="utf-8",
)


def _llm(*args: str) -> str:
    done = subprocess.run(
        [PROGRAM, *args],
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0, (done.stderr or done.stdout)[-400:]
    return done.stdout.strip()


@check("chat")
def _() -> str:
    answer = _llm("prompt", "-m", "book", "--no-stream", BOOK_QUESTION)
    assert answer == BOOK_ANSWER, answer
    return "`llm --no-stream`"


@check("stream")
def _() -> str:
    answer = _llm("prompt", "-m", "book", BOOK_QUESTION, "--usage")
    assert answer == BOOK_ANSWER, answer
    again = _llm("prompt", "-c", "And again: how do I start the Quillon pump by hand?")
    assert again == BOOK_ANSWER, again
    return "`llm`, `llm --continue`"


@check("retrieval options")
def _() -> str:
    answer = _llm("prompt", "-m", "plain", BOOK_QUESTION)
    assert answer == NO_PASSAGE, answer
    return f"by the model's name: `{MODEL}:no-rag`"


@check("structured output")
def _() -> str:
    answer = _llm("prompt", "-m", "book", "--schema", "name, valves int", PUMP_QUESTION)
    assert json.loads(answer)["valves"] == 3, answer
    return "`llm --schema`"


@check("tools")
def _() -> str:
    function = f"def read_gauge(city: str) -> str:\n    return {GAUGES!r}[city]\n"
    answer = _llm("prompt", "-m", "book", "--functions", function, TOOL_QUESTION)
    assert answer.endswith(f"The gauges read {GAUGES['Lahore']}."), answer
    return "`llm --functions`"


run()
