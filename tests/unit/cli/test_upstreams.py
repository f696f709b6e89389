"""Who answers, in words for the operator."""

import pytest

from proxy.cli.upstreams import answered_by
from proxy.settings import load_settings

OLLAMA = {"OPENAI_MODEL": "llama3.2:3b", "OPENAI_BASE_URL": "http://u:secret@127.0.0.1:11434/v1"}
GEMINI = {"GEMINI_API_KEY": "secret", "GEMINI_MODEL": "gemini-x"}


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "the built-in offline reader; set GEMINI_API_KEY for Gemini"),
        (GEMINI, "gemini-x"),
        ({**GEMINI, **OLLAMA, "GENERATOR": "openai"}, "llama3.2:3b at 127.0.0.1:11434"),
        (
            {**GEMINI, "FALLBACK_GENERATOR": "offline"},
            "gemini-x; if that fails, by the built-in offline reader",
        ),
        (
            {**GEMINI, **OLLAMA, "GENERATOR": "openai", "FALLBACK_GENERATOR": "gemini"},
            "llama3.2:3b at 127.0.0.1:11434; if that fails, by gemini-x",
        ),
    ],
)
def test_it_is_said_who_answers_and_no_secret(environ: dict[str, str], said: str) -> None:
    assert answered_by(load_settings(environ, None)) == said
