"""`make fuzz`: made-up and hostile requests; no answer may be a 5xx, and nothing may grow.

Schemathesis makes requests up from the server's own OpenAPI document; the corpus (`corpus.py`) has
those that broke other servers. Good readers ask all the while, and must not notice.
"""

import argparse
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Self

import httpx

from reliability.corpus import BODIES, PATHS, RAW, SLOW_OPENINGS
from reliability.matrix import served
from reliability.stage import Stage, Verdict, allow_open_files
from tests.support.environment import clean_environment
from tests.support.raw_http import RawReply, exchange
from tests.support.sample_books import NOTES, write_notes
from tests.support.serving import run_cli
from tests.support.slow_sockets import hold_open

_MAX_GROWTH_BYTES = 50_000_000
_MAX_BODY_MS = 500.0
_MAX_REPLY_BYTES = 16_384


def made_up(stage: Stage, examples: int, seed: int) -> Verdict:
    """Let Schemathesis make requests up."""
    program = Path(sys.executable).with_name("schemathesis")
    done = subprocess.run(
        [
            program, "run", f"{stage.server.url}/openapi.json",
            "--max-examples", str(examples), "--seed", str(seed), "--continue-on-failure",
            "--checks", "not_a_server_error", "--suppress-health-check", "all",
            "--request-timeout", "20", "--no-color",
        ],
        cwd=stage.server.home,
        env=clean_environment({}),
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        print(done.stdout[-6_000:], done.stderr[-2_000:], sep="\n")
    passed = done.stdout.strip().splitlines()[-1:] or ["nothing"]
    figure = passed[0].strip("= ")
    return Verdict("made up from /openapi.json", figure, "no 5xx", done.returncode == 0)


def hostile_bodies(stage: Stage) -> list[Verdict]:
    """Send the corpus of bodies to every URL that takes JSON."""
    worst_ms, largest, wrong, sent = 0.0, 0, list[str](), 0
    with httpx.Client(base_url=stage.server.url, timeout=30) as http:
        for name, body in BODIES.items():
            for path in PATHS:
                began_s = time.perf_counter()
                reply = http.post(
                    path, content=body(path), headers={"content-type": "application/json"}
                )
                took_ms = (time.perf_counter() - began_s) * 1e3
                sent += 1
                if reply.status_code >= 500:
                    wrong.append(f"{name} to {path}: {reply.status_code}")
                elif reply.status_code >= 400:
                    worst_ms = max(worst_ms, took_ms)
                    largest = max(largest, len(reply.content))
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return [
        Verdict("hostile bodies", f"{sent:,}", "no 5xx", holds=not wrong),
        Verdict("slowest refusal of one", f"{worst_ms:.0f} ms", f"≤ {_MAX_BODY_MS:.0f} ms",
                worst_ms <= _MAX_BODY_MS),
        Verdict("largest refusal of one", f"{largest:,} B", f"≤ {_MAX_REPLY_BYTES:,} B",
                largest <= _MAX_REPLY_BYTES),
    ]  # fmt: skip


def hostile_wire(stage: Stage) -> Verdict:
    """Send what is hardly HTTP; each gets one answer below 500, or none."""
    wrong: list[str] = []
    for name, pieces in RAW.items():
        reply: RawReply = exchange(stage.server.port, *pieces, hang_up=True)
        if reply.responses > 1 or reply.status >= 500:
            wrong.append(f"{name}: {reply.responses} responses, status {reply.status}")
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return Verdict("requests that smuggle, or are hardly HTTP", str(len(RAW)), "one 4xx", not wrong)


class GoodReaders:
    """Ask a small question again and again while others misbehave."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._stop = threading.Event()
        self.took_s: list[float] = []
        self.failed = 0
        self._thread = threading.Thread(target=self._read, daemon=True)

    def _read(self) -> None:
        with httpx.Client(base_url=self._stage.server.url, timeout=30) as http:
            while not self._stop.wait(0.02):
                began_s = time.perf_counter()
                self.failed += http.get("/v1/models").status_code != 200
                self.took_s.append(time.perf_counter() - began_s)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        """Stop."""
        self._stop.set()
        self._thread.join()


def slowloris(stage: Stage, sockets: int) -> list[Verdict]:
    """Hold connections open with requests that do not arrive, and see how others fare."""
    with GoodReaders(stage) as readers:
        closed_s = hold_open(stage.server.port, SLOW_OPENINGS, sockets)
    ordered = sorted(readers.took_s)
    p99_ms = ordered[int(len(ordered) * 0.99)] * 1e3
    slow_s = max(closed_s)
    return [
        Verdict(
            f"{sockets} slow openings: closed after", f"{slow_s:.1f} s", "≤ 32 s", slow_s <= 32
        ),
        Verdict("good readers meanwhile: failed", str(readers.failed), "0", readers.failed == 0),
        Verdict("good readers meanwhile: p99", f"{p99_ms:.0f} ms", "≤ 100 ms", p99_ms <= 100),
    ]


def main() -> int:
    """Print the figures; 1 when one is not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m reliability.fuzz")
    parser.add_argument("--examples", type=int, default=100, help="of each operation")
    parser.add_argument("--sockets", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    allow_open_files()
    with served({"GENERATOR": "offline", "EMBEDDER": "local", "RATE_LIMIT_RPM": "0"}) as stage:
        book = write_notes(stage.server.home / NOTES)
        env = {"PROXY_DATA_DIR": str(stage.server.data_dir)}
        run_cli("ingest", str(book), "--book", NOTES, env={"EMBEDDER": "local", **env})
        hostile_bodies(stage)  # warm
        files, rss = stage.open_files(), stage.rss_bytes()
        verdicts = [*hostile_bodies(stage), hostile_wire(stage)]
        verdicts += slowloris(stage, asked.sockets)
        verdicts.append(made_up(stage, asked.examples, asked.seed))
        left, growth = stage.files_left(files), stage.rss_bytes() - rss
        log = stage.server.stderr
        verdicts += [
            Verdict(
                "tracebacks in the log", str(log.count("Traceback")), "0", "Traceback" not in log
            ),
            Verdict("files still open afterwards", str(left), "≤ 3: of SQLite", left <= 3),
            Verdict(
                "memory grown", f"{growth / 1e6:.1f} MB", "≤ 50 MB", growth <= _MAX_GROWTH_BYTES
            ),
        ]
        if "Traceback" in log:
            print(log[log.index("Traceback") :][:3_000])
    print(*verdicts, sep="\n")
    return 0 if all(verdict.holds for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
