"""A file is one job and a function one thought; there is no list of exceptions."""

import ast

from tests.support.repository import python_files, shown, tree_of

PRODUCT = ("proxy", "bench", "clients", "reliability", "tools")
MAX_FILE_LINES = 300
MAX_TEST_FILE_LINES = 400
MAX_FUNCTION_LINES = 60


def test_no_file_has_two_jobs() -> None:
    limits = dict.fromkeys(python_files(*PRODUCT), MAX_FILE_LINES)
    limits |= dict.fromkeys(python_files("tests"), MAX_TEST_FILE_LINES)
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in limits}
    assert [(shown(p), n) for p, n in lengths.items() if n > limits[p]] == []


def test_no_function_needs_a_banner_comment() -> None:
    long = [
        (shown(path), node.name)
        for path in python_files(*PRODUCT, "tests")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= MAX_FUNCTION_LINES
    ]
    assert long == []
