"""`python -m bench`: every contender in one run, one table.

Starts the fake upstream, Qdrant with a book of 10,000 chunks and all contenders; measures them in
interleaved rounds, so that drift of the machine hits all alike, each alone on its core while the
others are frozen; prints medians and ratios. Exit code 0 when everything ran without an error,
whatever the figures say; 1 otherwise.
"""

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from bench import book, peers, qdrant, report
from bench.contenders import NAMES, ROOT, STARTERS, Contender, Surroundings
from bench.load import Mode
from bench.processes import (
    Cores,
    DidNotStart,
    Process,
    allow_open_files,
    apply_niceness,
    busy_s,
    free_port,
)
from bench.report import MODES, Measurement, Results

_UPSTREAM_START_S: Final = 30.0
_EMBEDDING_CALLS: Final = ("embedContent", "batchEmbedContents")
_ROWS_OF: Final = {
    "book-proxy": NAMES[:2],
    "litellm": NAMES[2:3],
    "portkey": NAMES[3:4],
    "nginx": NAMES[4:5],
}


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for."""

    rounds: int
    seconds: float
    warmup: float
    connections: int
    gap_ms: float
    nice: int
    only: tuple[str, ...]
    json: Path | None


def parse(argv: list[str] | None = None) -> Options:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Compare gateways.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--warmup", type=float, default=1.0, help="seconds before each")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--gap-ms", type=float, default=0.0, help="upstream's pause between chunks")
    parser.add_argument(
        "--nice", type=int, default=0, help="niceness of all that runs; below 0 needs root"
    )
    parser.add_argument("--only", action="append", default=[], choices=tuple(STARTERS))
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything measured")
    read = parser.parse_args(argv)
    return Options(
        rounds=1 if read.quick else read.rounds,
        seconds=2.0 if read.quick else read.seconds,
        warmup=0.5 if read.quick else read.warmup,
        connections=read.connections,
        gap_ms=read.gap_ms,
        nice=read.nice,
        only=tuple(read.only) or tuple(STARTERS),
        json=read.json,
    )


class Arena:
    """Everything that is started, and started only once."""

    def __init__(self, options: Options, place: Path, stack: ExitStack) -> None:
        """Keep the folder for logs and the stack that stops what was started."""
        self._options = options
        self._place = place
        self._stack = stack
        self.cores = Cores.split()
        self.contenders: list[Contender] = []
        self.absent: dict[str, str] = {}
        self._upstream_port = free_port()
        self._services: list[Process] = []

    def start(self) -> None:
        """Start all; a contender that cannot be is noted in `absent`.

        Raises:
            DidNotStart: the upstream did not.
        """
        say("starting the fake upstream")
        argv: list[str | Path] = [sys.executable, "-m", "bench.upstream"]
        argv += ["--port", str(self._upstream_port), "--gap-ms", str(self._options.gap_ms)]
        upstream = self._serve("upstream", argv, {}, ROOT)
        upstream.wait_until_listening(self._upstream_port, timeout_s=_UPSTREAM_START_S)
        qdrant_url = self._start_book() if "book-proxy" in self._options.only else None
        around = Surroundings(self.cores, self._place, self._upstream_port, qdrant_url)
        for name in self._options.only:
            say(f"starting {name}")
            try:
                started = STARTERS[name](around)
            except (peers.Unavailable, DidNotStart, OSError) as exc:
                self.absent |= dict.fromkeys(_ROWS_OF[name], str(exc)) | self.absent
                continue
            self._stack.callback(started[0].process.stop)
            started[0].process.freeze()
            self.contenders += started

    def _start_book(self) -> str | None:
        """Start Qdrant and fill it; without a book there is no retrieval row."""
        try:
            program = qdrant.executable()
            port, grpc_port = free_port(), free_port()
            env = qdrant.environment(self._place / "qdrant", port, grpc_port)
            server = self._serve("qdrant", [program], env, self._place)
            server.wait_until_listening(port, timeout_s=_UPSTREAM_START_S)
            url = f"http://127.0.0.1:{port}"
            say(f"filling a book of {book.CHUNKS:,} chunks")
            asyncio.run(book.fill(url))
        except (peers.Unavailable, DidNotStart, book.CannotFill) as exc:
            self.absent[NAMES[1]] = str(exc)
            return None
        return url

    def _serve(self, name: str, argv: list[str | Path], env: dict[str, str], cwd: Path) -> Process:
        process = Process(
            argv,
            cores=self.cores.harness,
            log=self._place / f"{name}.log",
            env={"PATH": os.defpath, **env},
            cwd=cwd,
        )
        self._stack.callback(process.stop)
        self._services.append(process)
        return process

    def measure(self, contender: Contender, mode: Mode) -> Measurement:
        """Thaw one contender, run the load generator against it, freeze it again."""
        contender.process.thaw()
        embedded, before = self._embedding_calls(), self._cpu_s(contender)
        load = self._run_load(contender, mode)
        used = [after - then for after, then in zip(self._cpu_s(contender), before, strict=True)]
        contender_s, services_s, children_s, machine_s = used
        contender.process.freeze()
        answered = max(1, load["answered"])
        cores = len(self.cores.contender | self.cores.harness)
        foreign_s = machine_s - contender_s - services_s - children_s
        return Measurement(
            rps=load["rps"],
            p50_ms=load["p50_ms"],
            p99_ms=load["p99_ms"],
            cpu_ms=contender_s / answered * 1000,
            contender_busy=contender_s / load["wall_s"],
            harness_busy=(services_s + load["cpu_s"]) / load["wall_s"],
            foreign_busy=max(0.0, foreign_s / load["wall_s"] / cores),
            embeddings=(self._embedding_calls() - embedded) / answered,
            errors=load["errors"],
            first_error=load["first_error"],
        )

    def _cpu_s(self, contender: Contender) -> tuple[float, float, float, float]:
        """Return CPU seconds so far: contender, services, ended children, all on our cores."""
        children = os.times()
        return (
            contender.process.cpu_s(),
            sum(service.cpu_s() for service in self._services),
            children.children_user + children.children_system,
            busy_s(self.cores.contender | self.cores.harness),
        )

    def _run_load(self, contender: Contender, mode: Mode) -> dict[str, Any]:
        options = self._options
        argv = [sys.executable, "-m", "bench.load", "--mode", mode]
        argv += ["--connections", str(options.connections), "--seconds", str(options.seconds)]
        argv += ["--warmup", str(options.warmup)]
        argv += [part for header in contender.headers for part in ("--header", header)]
        argv += ["--expect", contender.expects] if contender.expects else []
        argv += [] if contender.sends_done else ["--no-done"]
        argv += [f"http://127.0.0.1:{contender.port}/v1/chat/completions"]
        mine = os.sched_getaffinity(0)
        os.sched_setaffinity(0, self.cores.harness)
        try:
            done = subprocess.run(argv, cwd=ROOT, stdout=subprocess.PIPE, check=True)
        finally:
            os.sched_setaffinity(0, mine)
        return json.loads(done.stdout)

    def _embedding_calls(self) -> int:
        url = f"http://127.0.0.1:{self._upstream_port}/stats"
        with urllib.request.urlopen(url, timeout=10) as response:
            counts: dict[str, int] = json.load(response)
        return sum(counts.get(call, 0) for call in _EMBEDDING_CALLS)


def say(what: str) -> None:
    """Tell what is going on, apart from the result."""
    print(f"· {what}", file=sys.stderr, flush=True)


def run(options: Options) -> tuple[Results, dict[str, str], Cores]:
    """Return what was measured and why rows are missing."""
    with (
        tempfile.TemporaryDirectory(prefix="book-proxy-bench-") as folder,
        ExitStack() as stack,
    ):
        arena = Arena(options, Path(folder), stack)
        arena.start()
        measured: dict[str, dict[Mode, list[Measurement]]] = {
            contender.name: {mode: [] for mode in MODES} for contender in arena.contenders
        }
        for number in range(1, options.rounds + 1):
            for mode in MODES:
                for contender in arena.contenders:
                    one = arena.measure(contender, mode)
                    measured[contender.name][mode].append(one)
                    say(f"round {number}, {mode}: {contender.name} {one.rps:,.0f}/s")
                    if one.errors:
                        say(f"{one.errors} errors; its log ends: {contender.process.last_words()}")
        results: Results = {
            name: {mode: report.summarize(rounds) for mode, rounds in modes.items()}
            for name, modes in measured.items()
        }
        return results, arena.absent, arena.cores


def main() -> int:
    """Run, print the table, return the exit code."""
    options = parse()
    allow_open_files()
    os.nice(options.nice)
    apply_niceness(os.getpid())
    began_s = time.monotonic()
    results, absent, cores = run(options)
    about = {
        "versions": {"litellm": peers.LITELLM_VERSION, "portkey": peers.PORTKEY_VERSION},
        "python": platform.python_version(),
        "cores": str(cores),
        "options": {key: str(value) for key, value in asdict(options).items()},
        "seconds": round(time.monotonic() - began_s),
    }
    wanted = [name for key in options.only for name in _ROWS_OF[key]]
    missing = {name: absent.get(name, "not started") for name in wanted if name not in results}
    print(report.table(results, missing), end="\n\n")
    print("\n".join(report.footer(results, options.rounds, options.seconds, options.connections)))
    print(f"Pinned: {cores}. Python {platform.python_version()}.", end="\n\n")
    print("\n".join(report.requirement_lines(results)))
    problems = report.error_lines(results)
    print("\n".join(problems))
    if options.json is not None:
        options.json.write_text(json.dumps(report.as_json(results, missing, about), indent=1))
    return 1 if problems or missing else 0


if __name__ == "__main__":
    sys.exit(main())
