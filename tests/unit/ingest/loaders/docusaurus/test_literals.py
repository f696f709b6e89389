"""JavaScript's literals."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.ingest.loaders.docusaurus.literals import UNREAD, Script


def _value(source: str) -> Any:
    return next(Script(f"x = {{key: {source}}}").values_of("key"))


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("'a\\'b'", "a'b"),
        ('"\\u00e9\\n\\x41\\u{1F600}\\u{FFFFFF}"', "é\nA😀\ufffd"),
        ("`plain`", "plain"),
        ("true", True),
        ("null", None),
        ("-1.5", "-1.5"),
        ("['a', {b: [1,],},]", ["a", {"b": ["1"]}]),
        ("({a: 'b'})", {"a": "b"}),
        (
            "{'quoted-key': 'v', // comment }\n /* } */ o: 'w'}",
            {"quoted-key": "v", "o": "w"},
        ),
        ("require.resolve('./sidebars.js')", "./sidebars.js"),
        ("path.join(dir, 'a', 'b')", UNREAD),
        ("`a${b}`", UNREAD),
        ("'a' + b", UNREAD),
        ("isLive ? {a: 1} : undefined", UNREAD),
        ("{...rest, a: 'b', method() { return 1 }, short, c: 'd'}", {"a": "b", "c": "d"}),
        ("{a: 'b'} satisfies Config", {"a": "b"}),
        ("(x) => ({y: 1})", UNREAD),
    ],
)
def test_literals_are_read_and_what_is_computed_is_not(source: str, value: Any) -> None:
    assert _value(source) == value


@pytest.mark.parametrize(
    "source",
    [
        "module.exports = {a: 'b'};",
        "export default {a: 'b'} satisfies SidebarsConfig;",
        "const sidebars: SidebarsConfig = {a: 'b'};\nexport default sidebars;",
        "/** @type {x} */\nconst s = {\n a: 'b' };\nmodule.exports = s;",
        '{"a": "b"}',
    ],
)
def test_what_a_file_exports_is_found(source: str) -> None:
    assert Script(source).exported() == {"a": "b"}


@pytest.mark.parametrize(
    "source", ["", "export default", "export default make();", "module.exports = x;"]
)
def test_what_it_exports_may_be_unknown(source: str) -> None:
    assert Script(source).exported() is UNREAD


def test_options_of_plugins_stand_behind_their_names() -> None:
    script = Script(
        "plugins: [['@docusaurus/plugin-content-docs', {id: 'a'}], 'plugin-content-docs'], x: 1"
    )
    assert list(script.after_string("plugin-content-docs")) == [{"id": "a"}, UNREAD]


@pytest.mark.parametrize("source", ["[}", "{]", "[a;b]", "{a: 1)", "([{a: [1}]", "{...x] , b: 2}"])
def test_brackets_that_do_not_match_end_the_reading(source: str) -> None:
    assert isinstance(Script(f"export default {source}").exported(), dict | list)


@given(st.text(alphabet="{}[](),:;'\"`ab=>. \n/*$\\.", max_size=300))
def test_no_text_is_too_odd(source: str) -> None:
    script = Script(source)
    assert list(script.values_of("a")) is not None
    assert script.exported() is not NotImplemented


def test_depth_is_bounded() -> None:
    assert Script("export default " + "[" * 100_000).exported() is not None
