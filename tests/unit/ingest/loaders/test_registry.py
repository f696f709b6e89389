"""Formats that are known."""

import pytest

from proxy.ingest.loaders.base import UnreadableSource
from proxy.ingest.loaders.registry import FORMATS, format_of


def test_every_extension_is_in_lower_case_and_found_in_any() -> None:
    assert all(extension == extension.lower() for extension in FORMATS)
    assert format_of("a/B.MDX") is FORMATS[".mdx"]


def test_another_extension_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(UnreadableSource, match=r"unknown format; known are \.docx, "):
        format_of("a.xyz")
