"""Formats that are known."""

from proxy.ingest.loaders.registry import LOADERS


def test_markdown_and_mdx_are_known_by_lower_case_extensions() -> None:
    assert set(LOADERS) == {".md", ".markdown", ".mdx"}
