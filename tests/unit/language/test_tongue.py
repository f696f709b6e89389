"""Scripts, and English from its neighbours."""
# ruff: noqa: RUF001 - other alphabets are what is tested

import pytest

from proxy.language.tongue import is_english, script_of


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("The pump starts.", "LATIN"),
        ("پمپ خود بخود چلتا ہے۔", "ARABIC"),
        ("ポンプは自動で起動する。", "CJK"),
        ("泵会自动启动", "CJK"),
        ("Насос", "CYRILLIC"),
        ("123 !?", ""),
    ],
)
def test_scripts(text: str, script: str) -> None:
    assert script_of(text) == script


@pytest.mark.parametrize(
    "text", ["The pump starts by itself.", "Restart it.", "Default: 8", "`QDRANT_URL`", ""]
)
def test_english_is_what_nothing_speaks_against(text: str) -> None:
    assert is_english(text)


@pytest.mark.parametrize(
    "text",
    [
        "Die Pumpe startet von selbst, wenn der Druck zu niedrig ist.",
        "La pompe démarre quand la pression est trop basse pour le réseau.",
        "La bomba arranca cuando la presión es baja en el tanque.",
    ],
)
def test_other_languages(text: str) -> None:
    assert not is_english(text)
