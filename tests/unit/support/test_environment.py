"""Nothing of the developer's own set-up reaches the program under test."""

import os

import pytest

from proxy.settings import variables
from tests.support.environment import clean_environment, scrub, settings_in


def test_every_variable_the_proxy_reads_is_known_as_a_setting() -> None:
    names = variables()
    assert settings_in(names) == set(names)


def test_services_for_tests_are_not_settings() -> None:
    assert settings_in({"QDRANT_TEST_URL": "http://127.0.0.1:6333", "PATH": "/bin"}) == set()


def test_a_clean_environment_has_what_is_given_and_what_any_process_needs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "the developer's")
    monkeypatch.setenv("SOMETHING_ELSE", "1")
    monkeypatch.setenv("COVERAGE_PROCESS_CONFIG_OF_A_TEST", "1")
    clean = clean_environment({"QDRANT_URL": "http://127.0.0.1:1"})
    assert "GEMINI_API_KEY" not in clean
    assert "SOMETHING_ELSE" not in clean
    assert clean["QDRANT_URL"] == "http://127.0.0.1:1"
    assert "COVERAGE_PROCESS_CONFIG_OF_A_TEST" in clean
    assert "PATH" in clean


def test_scrubbing_takes_settings_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "the developer's")
    scrub()
    assert "GEMINI_API_KEY" not in os.environ  # noqa: TID251 - the subject of the test
