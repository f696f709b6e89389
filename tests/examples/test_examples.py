"""Each example as a reader runs it: against a proxy with a book, by the packages it asks for."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from clients.catalog import CLIENTS, Client
from clients.environments import Environment
from tests.support.chat_page import QUESTION
from tests.support.environment import clean_environment
from tests.support.serving import BookProxy
from tests.support.waiting import LONG_ENOUGH_S
from tools.web_tools import node

EXAMPLES = Path(__file__).parents[2] / "examples"
SAYS = "falls below two bar"
PLACE = "https://pumps.example/docs/starting#pressure-switch"

pytestmark = [
    pytest.mark.examples,
    pytest.mark.skipif(
        os.environ.get("PROXY_TEST_EXAMPLES") != "1",  # noqa: TID251 - of the tests
        reason="installs what the examples need: `make test-examples` does",
    ),
]


def _environment(folder: str) -> Path:
    """Return the folder with the packages of a client that is driven as well."""
    client: Client = next(one for one in CLIENTS if one.folder == folder)
    environment = Environment(client)
    environment.prepare()
    return environment.folder


def _run(server: BookProxy, *argv: Path | str) -> str:
    env = clean_environment(
        {"OPENAI_BASE_URL": server.v1, "OPENAI_API_KEY": "none", "PATH": os.environ["PATH"]}  # noqa: TID251
    )
    done = subprocess.run(
        [*argv, QUESTION],
        env=env,
        capture_output=True,
        text=True,
        timeout=LONG_ENOUGH_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("script", "client"), [("ask.py", "openai_python"), ("ask_langchain.py", "langchain")]
)
def test_a_python_example_answers_and_names_the_page(
    offline_server: BookProxy, script: str, client: str
) -> None:
    said = _run(offline_server, _environment(client) / "bin/python", EXAMPLES / script)
    assert SAYS in said
    assert PLACE in said


def test_the_node_example_answers_and_names_the_page(offline_server: BookProxy) -> None:
    copy = shutil.copy(EXAMPLES / "ask.mjs", _environment("openai_node"))
    said = _run(offline_server, node(), copy)
    assert SAYS in said
    assert PLACE in said


def test_the_curl_example_answers_with_its_passages(offline_server: BookProxy) -> None:
    said = json.loads(_run(offline_server, "sh", EXAMPLES / "ask.sh"))
    message = said["choices"][0]["message"]
    assert SAYS in message["content"]
    assert message["context"]["citations"][0]["url"] == PLACE


def test_the_curl_example_takes_any_question(offline_server: BookProxy) -> None:
    question = 'What does "C:\\pump" start?'
    reply = subprocess.run(
        ["sh", EXAMPLES / "ask.sh", question],
        env=clean_environment(
            {"OPENAI_BASE_URL": offline_server.v1, "PATH": os.environ["PATH"]}  # noqa: TID251
        ),
        capture_output=True,
        text=True,
        timeout=LONG_ENOUGH_S,
        check=True,
    )
    assert json.loads(reply.stdout)["object"] == "chat.completion"


def test_the_settings_for_open_webui_name_a_model_for_its_chores_that_looks_up_nothing(
    offline_server: BookProxy,
) -> None:
    lines = (EXAMPLES / "open_webui.env").read_text(encoding="utf-8").splitlines()
    settings = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    body = {
        "model": settings["TASK_MODEL_EXTERNAL"],
        "messages": [{"role": "user", "content": QUESTION}],
    }
    done = subprocess.run(
        [
            *("curl", "-s", "-D", "-", f"{offline_server.v1}/chat/completions"),
            *("-H", "content-type: application/json", "-d", json.dumps(body)),
        ],
        capture_output=True,
        text=True,
        timeout=LONG_ENOUGH_S,
        check=True,
    )
    assert "x-rag-status: off" in done.stdout.lower()
