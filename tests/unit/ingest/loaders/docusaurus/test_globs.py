"""Patterns of paths."""

import time

import pytest

from proxy.ingest.loaders.docusaurus.globs import matches_any


@pytest.mark.parametrize(
    ("pattern", "meant", "others"),
    [
        ("**/drafts/**", ["drafts/a.md", "a/b/drafts/c/d.md"], ["drafts.md", "adrafts/a.md"]),
        ("**/*.test.{js,md}", ["a.test.md", "b/c.test.js"], ["a.md", "a.test.mdx", "atest.md"]),
        ("api/*.md", ["api/a.md"], ["api/b/a.md", "x/api/a.md"]),
        ("intro.md", ["intro.md"], ["intro-md", "a/intro.md"]),
        ("a(b|c).md", ["a(b|c).md"], ["ab.md"]),
    ],
)
def test_a_pattern_means_paths(pattern: str, meant: list[str], others: list[str]) -> None:
    assert [path for path in (*meant, *others) if matches_any(path, (pattern,))] == meant


def test_any_of_the_patterns_counts_and_what_is_no_text_means_nothing() -> None:
    assert matches_any("b.md", ("a.md", object(), "b.md"))
    assert not matches_any("b.md", (object(), None))
    assert not matches_any("b.md", ())


@pytest.mark.parametrize("unit", ["*a", "**a", "**/", "{*,a}", "*"])
def test_a_pattern_of_many_stars_takes_no_long_time(unit: str) -> None:
    began_s = time.process_time()
    assert not matches_any("a" * 200 + "/a" * 100, (unit * 50 + "b",))
    assert time.process_time() - began_s < 5
