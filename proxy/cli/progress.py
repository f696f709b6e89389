"""Shows how far an ingest has come: a bar on a terminal, a line per stage elsewhere."""

from collections.abc import Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class TerminalProgress:
    """`ingest.pipeline.Progress` on stderr."""

    def __init__(self, bars: Progress, console: Console) -> None:
        self._bars = bars
        self._console = console
        self._task = bars.add_task("", total=None, visible=False)

    def stage(self, name: str, total: int) -> None:
        """Begin a stage."""
        if self._console.is_terminal:
            self._task = self._bars.add_task(name, total=total)
        else:
            self._console.print(f"{name}: {total}", highlight=False)

    def advance(self, steps: int) -> None:
        """Move the bar."""
        self._bars.advance(self._task, steps)

    def notice(self, text: str) -> None:
        """Print a line."""
        self._console.print(f"warning  {text}", highlight=False, markup=False, soft_wrap=True)


@contextmanager
def terminal_progress() -> Generator[TerminalProgress]:
    """Show progress as long as the context lasts."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description:>8}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        yield TerminalProgress(bars, console)
