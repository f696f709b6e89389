"""The command line: `book-proxy`, one module per command.

Exit codes: 0 done, 1 it ran and something failed, 2 wrong usage or configuration (one line).
"""

import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from proxy import __version__
from proxy.errors import ConfigurationError, InvalidRequest, ProxyError

_COMMANDS = {
    "serve": "serve",
    "ingest": "ingest",
    "search": "search",
    "ask": "ask",
    "eval": "evaluate",
    "books": "app",
    "keys": "app",
    "readers": "app",
    "usage": "usage",
    "doctor": "doctor",
    "run-job": "run_job",
}
"""By name: what the module of that name calls it, a function or an app of several commands."""
_HIDDEN = frozenset(("run-job",))


class _Commands(TyperGroup):
    """Imports a command's module when the command is called: what `serve` needs takes a second."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands, in the order of the help."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command of that name, None where there is none."""
        # An unknown name may be a slip of one of the others: then all are asked for a likeness.
        for name in [cmd_name] if cmd_name in _COMMANDS else _COMMANDS:
            if name not in self.commands:
                self.add_command(_command(name), name)
        return super().get_command(ctx, cmd_name)


def _command(name: str) -> Any:
    found = getattr(import_module(f"proxy.cli.{name.replace('-', '_')}"), _COMMANDS[name])
    around = typer.Typer(rich_markup_mode=None)
    if isinstance(found, typer.Typer):
        around.add_typer(found, name=name)
    else:
        around.command(name, hidden=name in _HIDDEN)(found)
    return get_group(around).commands[name]


app = typer.Typer(
    name="book-proxy",
    cls=_Commands,
    help="Answers grounded in a book, behind OpenAI's API.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"book-proxy {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Answers grounded in a book, behind OpenAI's API."""
    del version


def main() -> None:
    """Run the command line."""
    try:
        app()
    except ConfigurationError as exc:
        _fail(str(exc), 2)
    except InvalidRequest as exc:  # a wrong argument; refusals of a server are LocalServerErrors
        _fail(exc.message, 2)
    except ProxyError as exc:
        _fail(exc.message, 1)


def _fail(line: str, code: int) -> None:
    sys.stderr.write(f"book-proxy: {line}\n")
    sys.exit(code)
