"""Drives every client against a proxy process with the scripted model behind it.

`python -m clients` prints a table and writes `docs/reference/clients.md`. With `--check` it only
compares, with `--lock` it resolves the clients' packages anew. Exit code 1 when a check fails that
is no known limit of its client, when the proxy had an error of its own, or when the page differs.
"""

import argparse
import difflib
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from clients.catalog import CHECKING, CLIENTS, HERE, Client
from clients.environments import CannotPrepare, Environment, lock
from clients.page import page
from clients.results import Result, results_of, table
from clients.upstream import Upstream
from tests.support.environment import clean_environment, scrub
from tests.support.gemini_server import FakeGemini
from tests.support.sample_books import PUMPS, PUMPS_URL, write_pumps
from tests.support.serving import BookProxy, run_cli

PAGE: Final = HERE.parent / "docs/reference/clients.md"
_AT_ONCE: Final = 2
"""Installations and drivers side by side: two cores is what CI has."""
_DRIVER_TIMEOUT_S: Final = 120.0
_NOWHERE: Final = "http://127.0.0.1:9"
"""The discard port: a client that turns elsewhere than to the proxy fails at once."""


class ProxyTrouble(Exception):
    """The proxy could not be given its book, or had an error of its own; the message has it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run, print, write or compare, and return the exit code."""
    options = _options(argv)
    chosen = [one for one in CLIENTS if not options.only or one.folder in options.only]
    scrub()
    began_s = time.monotonic()
    try:
        if options.lock:
            _lock(chosen)
            return 0
        _prepare(chosen)
        prepared_s = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="book-proxy-clients-") as folder:
            results = _drive_all(chosen, Path(folder))
    except (CannotPrepare, ProxyTrouble) as exc:
        _say(str(exc))
        return 1
    print(table(results))
    took_s = time.monotonic() - prepared_s
    _say(f"{prepared_s - began_s:.0f} s for environments, {took_s:.0f} s for {len(results)} checks")
    surprises = [one for one in results if one.is_surprise]
    if surprises:
        _say(f"{len(surprises)} of them were not to be expected (✗ and !)")
        return 1
    return 0 if options.only else _publish(page(results), only_compare=options.check)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m clients", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare the page, do not write it")
    folders = sorted({one.folder for one in CLIENTS})
    parser.add_argument("--lock", action="store_true", help="resolve the clients anew, no more")
    parser.add_argument("--only", nargs="+", choices=folders, help="drive these, write no page")
    return parser.parse_args(argv)


def _lock(clients: Sequence[Client]) -> None:
    for client in {one.folder: one for one in clients}.values():
        _say(f"locking {client.folder}")
        lock(client)


def _prepare(clients: Sequence[Client]) -> None:
    environments = list({one.folder: Environment(one) for one in clients}.values())

    def prepare(environment: Environment) -> None:
        if environment.prepare():
            _say(f"installed {environment.client.folder} into clients/.envs")

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(prepare, environments))


def _drive_all(clients: Sequence[Client], place: Path) -> list[Result]:
    with FakeGemini() as fake, _serving(fake.url, place) as proxy:
        upstream = Upstream()
        fake.reply_by(upstream)

        def drive(client: Client) -> list[Result]:
            began_s = time.monotonic()
            results = _drive(client, proxy.v1, place)
            _say(f"{client.title}: {len(results)} checks in {time.monotonic() - began_s:.1f} s")
            return results

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = list(pool.map(drive, clients))
        if "Traceback" in proxy.stderr + proxy.stdout:
            raise ProxyTrouble(f"the proxy wrote a traceback:\n{proxy.stderr}{proxy.stdout}")
        if upstream.complaints:
            count, first = len(upstream.complaints), upstream.complaints[0]
            raise ProxyTrouble(f"the scripted Gemini complained {count} times, first: {first}")
    return [result for results in found for result in results]


@contextmanager
def _serving(upstream_url: str, place: Path) -> Generator[BookProxy]:
    """Serve the sample book in front of `upstream_url`, embedded by the bundled model."""
    data = place / "data"
    env = {
        "GEMINI_API_KEY": "key-of-the-client-runs",
        "GEMINI_BASE_URL": upstream_url,
        "EMBEDDER": "local",
        # Two drivers at once on a busy machine: an answer is not to be degraded by chance.
        "PROXY_EMBED_TIMEOUT_S": "10",
        "PROXY_SEARCH_TIMEOUT_S": "10",
    }
    source = ("ingest", str(write_pumps(place / PUMPS)))
    named = ("--book", PUMPS, "--title", "Pumps", "--base-url", PUMPS_URL)
    done = run_cli(*source, *named, env={**env, "PROXY_DATA_DIR": str(data)})
    if done.returncode:
        raise ProxyTrouble(f"book-proxy ingest failed: {done.stderr or done.stdout}")
    with BookProxy(env, data_dir=data) as proxy:
        yield proxy


def _drive(client: Client, base_url: str, place: Path) -> list[Result]:
    home = place / "homes" / "-".join((client.folder, *client.arguments))
    home.mkdir(parents=True)
    given = {
        "HOME": str(home),
        "PYTHONPATH": str(CHECKING),
        "OPENAI_BASE_URL": base_url,
        "OPENAI_API_KEY": "none",
        "LLM_USER_PATH": str(home / "llm"),
        "GRADIO_ANALYTICS_ENABLED": "False",
        "HF_HUB_OFFLINE": "1",
        **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), _NOWHERE),
        "no_proxy": "127.0.0.1,localhost",
    }
    try:
        done = subprocess.run(
            Environment(client).command(),
            env=clean_environment(given),
            cwd=home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_DRIVER_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as exc:
        said = [part.decode(errors="replace") if part else "" for part in (exc.stdout, exc.stderr)]
        return results_of(client, stdout=said[0], stderr=said[1], returncode=None)
    return results_of(client, stdout=done.stdout, stderr=done.stderr, returncode=done.returncode)


def _publish(text: str, *, only_compare: bool) -> int:
    before = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    if before == text:
        return 0
    if only_compare:
        lines = (before.splitlines(), text.splitlines())
        print("\n".join(difflib.unified_diff(*lines, "the page", "this run", lineterm="")))
        _say(f"{PAGE.name} is not what this run found: make clients writes it anew")
        return 1
    PAGE.write_text(text, encoding="utf-8")
    _say(f"wrote {PAGE.relative_to(HERE.parent)}")
    return 0


def _say(what: str) -> None:
    print(f"· {what}", file=sys.stderr, flush=True)
