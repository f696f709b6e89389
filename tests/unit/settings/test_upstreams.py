"""What follows from an upstream's address."""

import pytest

from tests.support.openai_server import openai_settings


@pytest.mark.parametrize(
    ("url", "host", "is_openai_itself"),
    [
        ("https://api.openai.com/v1", "api.openai.com", True),
        ("https://eu.api.openai.com/v1", "eu.api.openai.com", True),
        ("https://mine.openai.azure.com/openai/v1", "mine.openai.azure.com", True),
        ("https://api.x.ai/v1", "api.x.ai", False),
        ("http://localhost:11434/v1", "localhost:11434", False),
        ("http://user:secret@[::1]:8000/v1", "[::1]:8000", False),
        ("https://openai.com.example/v1", "openai.com.example", False),
        ("https://notopenai.com/v1", "notopenai.com", False),
    ],
)
def test_openai_itself_is_known_by_its_host(url: str, host: str, *, is_openai_itself: bool) -> None:
    settings = openai_settings(url)
    assert settings.host == host
    assert settings.is_openai_itself is is_openai_itself
