"""What a site says of its panel."""

import pytest

from proxy.errors import ConfigurationError
from proxy.settings import load_settings


def test_prompts_and_tools_are_lists_in_json() -> None:
    settings = load_settings(
        {
            "PROXY_CHATKIT_PROMPTS": '["What, if anything?"]',
            "PROXY_CHATKIT_CLIENT_TOOLS": '[{"name": "look", "description": "Looks."}]',
        },
        None,
    ).chatkit
    assert settings.prompts == ("What, if anything?",)
    (tool,) = settings.client_tools
    assert (tool.name, tool.parameters) == ("look", {"type": "object", "properties": {}})


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PROXY_CHATKIT_PROMPTS", "What?", "not JSON"),
        ("PROXY_CHATKIT_PROMPTS", '[""]', "at least 1 character"),
        ("PROXY_CHATKIT_CLIENT_TOOLS", '[{"name": "a b", "description": "x"}]', "match pattern"),
        ("PROXY_CHATKIT_CLIENT_TOOLS", '[{"name": "a"}]', "required"),
        ("PROXY_CHATKIT_DOMAIN_KEY", "two words", "match pattern"),
        ("PROXY_CACHE_TTL_S", "0", "greater than 0"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(name: str, value: str, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason) as refused:
        load_settings({name: value}, None)
    assert str(refused.value).startswith(name)
