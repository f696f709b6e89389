"""The command line: `book-proxy`, one module per command.

Exit codes: 0 done, 1 it ran and something failed, 2 wrong usage or configuration (one line).
"""

import sys
from typing import Annotated

import typer

from proxy import __version__
from proxy.cli import (
    ask,
    books,
    doctor,
    eval,  # noqa: A004 - the command
    ingest,
    keys,
    readers,
    run_job,
    search,
    serve,
    usage,
)
from proxy.errors import ConfigurationError, InvalidRequest, ProxyError

app = typer.Typer(
    name="book-proxy",
    help="Answers grounded in a book, behind OpenAI's API.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("serve")(serve.serve)
app.command("ingest")(ingest.ingest)
app.command("search")(search.search)
app.command("ask")(ask.ask)
app.command("eval")(eval.evaluate)
app.add_typer(books.app, name="books")
app.add_typer(keys.app, name="keys")
app.add_typer(readers.app, name="readers")
app.command("usage")(usage.usage)
app.command("doctor")(doctor.doctor)
app.command("run-job", hidden=True)(run_job.run_job)


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
