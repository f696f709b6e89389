"""Notebooks of several versions, and what only looks like one."""

import json
from typing import Any

import pytest

from proxy.corpus import Document
from proxy.ingest.loaders.base import Skipped, Source, UnreadableSource
from proxy.ingest.loaders.notebook import load


def _notebook(*cells: dict[str, Any], **metadata: Any) -> bytes:
    shown: list[dict[str, Any]] = [
        {"metadata": {}, "id": f"c{n}", **cell} for n, cell in enumerate(cells)
    ]
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": shown}
    ).encode()


def _load(data: bytes) -> Document:
    document = load(Source("lab/first.ipynb", data))
    assert isinstance(document, Document)
    return document


def _markdown(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": text}


def _code(text: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "source": text, "outputs": list(outputs), "execution_count": 1}


def test_cells_become_sections_in_order() -> None:
    page = _load(
        _notebook(
            _markdown("# Lab One\n\nIntro <b>bold</b>."),
            _markdown("## Load the data\n\nRead it:"),
            _code(
                "print(1)",
                {"output_type": "stream", "name": "stdout", "text": ["\x1b[31m1\x1b[0m\n"]},
                {
                    "output_type": "execute_result",
                    "metadata": {},
                    "execution_count": 1,
                    "data": {"text/plain": "42", "image/png": "aaaa"},
                },
                {"output_type": "error", "ename": "E", "evalue": "no", "traceback": ["x"]},
                {"output_type": "display_data", "metadata": {}, "data": {"image/png": "a"}},
            ),
            _markdown("## Load the data"),
            {"cell_type": "raw", "source": "raw"},
            _code(" "),
            kernelspec={"name": "k", "display_name": "k", "language": "python"},
        )
    )
    assert (page.title, page.route) == ("Lab One", "/lab/first.ipynb")
    assert [(s.heading_path, s.anchor) for s in page.sections] == [
        (("Lab One",), "Lab-One"),
        (("Lab One", "Load the data"), "Load-the-data"),
    ]
    assert page.sections[0].markdown == "Intro bold."
    assert page.sections[1].markdown == (
        "Read it:\n\n```python\nprint(1)\n```\n\n```text\n1\n42\nE: no\n```\n\n"
        "**Load the data**\n\n```\nraw\n```"
    )


def test_a_notebook_without_headings_has_its_files_name_and_its_kernels_language() -> None:
    page = _load(_notebook(_code("a```b"), language_info={"name": "R"}))
    assert page.title == "first"
    assert page.sections[0].markdown == "````R\na```b\n````"


def test_older_notebooks_are_read_too() -> None:
    cells: list[dict[str, Any]] = [
        {"cell_type": "heading", "level": 1, "source": "Old", "metadata": {}},
        {
            "cell_type": "code",
            "input": "x = 1",
            "language": "python",
            "outputs": [],
            "metadata": {},
        },
    ]
    old: dict[str, Any] = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [{"cells": cells, "metadata": {}}],
    }
    page = _load(json.dumps(old).encode())
    assert page.title == "Old"
    assert "x = 1" in page.sections[0].markdown


def test_a_fence_that_a_cell_leaves_open_ends_with_the_cell() -> None:
    page = _load(_notebook(_markdown("```\nopen"), _code("x = 1"), _markdown("text")))
    assert page.sections[0].markdown == "```\nopen\n```\n\n```\nx = 1\n```\n\ntext"


def test_of_a_line_that_is_written_over_the_last_state_is_shown() -> None:
    printed = {"output_type": "stream", "name": "stderr", "text": "\r 10%\r 99%\r100%\nok\r\n"}
    page = _load(_notebook(_code("work()", printed)))
    assert page.sections[0].markdown.endswith("```text\n100%\nok\n```")


def test_a_picture_is_no_text_and_text_that_a_cell_writes_is() -> None:
    shown = [
        {"data": {"image/png": "AAAA", "text/plain": ["<Figure size 640x480 with 1 Axes>"]}},
        {
            "data": {
                "text/plain": "<IPython.core.display.Markdown object>",
                "text/markdown": "**5**",
            }
        },
        {"data": {"text/plain": "<Pump 1>"}},
    ]
    outputs = [{"output_type": "display_data", "metadata": {}, **one} for one in shown]
    page = _load(_notebook(_code("show()", *outputs)))
    assert page.sections[0].markdown == "```\nshow()\n```\n\n**5**\n\n```text\n<Pump 1>\n```"


def test_long_output_is_cut() -> None:
    page = _load(_notebook(_code("x", {"output_type": "stream", "name": "o", "text": "y" * 9_000})))
    assert page.sections[0].markdown.count("y") == 5_000


def test_outputs_of_one_cell_are_cut_together_and_of_each_cell_by_themselves() -> None:
    printed = {"output_type": "stream", "name": "o", "text": "y" * 1_000}
    written = {"output_type": "display_data", "metadata": {}, "data": {"text/markdown": "z" * 900}}
    page = _load(_notebook(*[_code("x", *[printed, written] * 9)] * 2))
    assert page.sections[0].markdown.count("y") == 2 * 3_000
    assert page.sections[0].markdown.count("z") == 2 * 2_000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"not json",
        b'{"nbformat": 4}',
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": [], "cells": [1]}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_notebook_is_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(UnreadableSource, match="is no notebook") as failure:
        load(Source("a.ipynb", data))
    assert "\n" not in failure.value.message


def test_a_notebook_without_text_is_skipped() -> None:
    assert load(Source("a.ipynb", _notebook())) == Skipped("no text")
