"""How far an ingest has come: a bar for people, a line for logs."""

import io

from rich.console import Console
from rich.progress import Progress, TextColumn

from proxy.cli.progress import TerminalProgress


def _shown(*, is_terminal: bool) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=is_terminal, width=80)
    columns = TextColumn("{task.description} {task.completed}/{task.total}")
    with Progress(columns, console=console, disable=not is_terminal) as bars:
        progress = TerminalProgress(bars, console)
        progress.stage("read", 3)
        progress.advance(2)
        progress.notice("most of the book goes")
        progress.stage("index", 5)
        progress.advance(5)
    return out.getvalue()


def test_a_terminal_shows_a_bar_per_stage() -> None:
    shown = _shown(is_terminal=True)
    assert "read 2" in shown
    assert "index 5" in shown
    assert "warning  most of the book goes" in shown


def test_elsewhere_there_is_a_line_per_stage() -> None:
    assert _shown(is_terminal=False) == "read: 3\nwarning  most of the book goes\nindex: 5\n"
