"""`make faults`: every fault there is, a line each: what the client saw, in how long, what is left.

Each fault happens a few times. Then nothing may be left of it: no task, no socket, no memory.
"""

import argparse
import asyncio
import re
import resource
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial

from sqlalchemy.engine import make_url

from reliability.matrix import Matrix, Trial, served
from reliability.stage import KEY, Stage, allow_open_files
from reliability.tcp_faults import Fault, Relay, relay_to
from tests.support import gemini_errors as errors
from tests.support.gemini_faults import BROKEN_STREAMS, EMPTY_STREAMS, LOST_CONNECTIONS, SILENCES
from tests.support.gemini_replies import Body, Reply, Stream
from tests.support.gemini_server import FakeGemini
from tests.support.postgres_server import running_postgres
from tests.support.qdrant_server import running_qdrant
from tests.support.sample_books import PUMPS, write_pumps
from tests.support.serving import run_cli
from tests.support.valkey_server import running_valkey


def _upstream_faults(fake: FakeGemini) -> list[Trial]:
    def said(*replies: Callable[[], Reply]) -> Callable[[], None]:
        def cause() -> None:
            fake.reset()
            fake.reply(*(reply() for reply in replies))

        return cause

    def twice(reply: Callable[[], Reply]) -> Callable[[], None]:
        return said(reply, reply)

    # What breaks together with the first words is still answered with a status.
    broken = "200 upstream_[a-z_]+ error event|50[23] upstream_[a-z_]+"
    faults = [
        Trial("429 with RetryInfo of 7 s", twice(lambda: errors.rate_limited("7s")),
               "429 rate_limit_exceeded.*retry-after=7", 1),
        Trial("429 of the day", twice(errors.daily_quota_exhausted), "429 insufficient_quota", 1),
        Trial("503, once", said(errors.overloaded, lambda: Stream(["one ", "two"])),
              r"200 \[DONE\]", 1.5),
        Trial("503", twice(errors.overloaded), "503 upstream_overloaded", 1.5),
        Trial("500", twice(lambda: errors.Status(500)), "500 upstream_error", 1.5),
        Trial("drip: one byte a write",
               said(lambda: Stream(["one ", "two"], gap_s=0.2)), r"200 \[DONE\]", 2),
        Trial("JSON: cut off", twice(lambda: Body(b'{"candidates": [')),
               "502 upstream_[a-z_]+", 1.5, "json"),
    ]  # fmt: skip
    faults += [
        Trial(f"lost: {name}", twice(reply), "502 upstream_[a-z_]+", 1.5, "json")
        for name, reply in LOST_CONNECTIONS.items()
    ]
    faults += [Trial(f"stream: {name}", twice(reply), broken, 1.5)
               for name, reply in BROKEN_STREAMS.items()]  # fmt: skip
    faults += [Trial(f"stream: {name}", twice(reply), "50[23] upstream_[a-z_]+", 1.5)
               for name, reply in EMPTY_STREAMS.items()]  # fmt: skip
    faults += [
        Trial(f"silence {name}", twice(reply), "(504|200) upstream_timeout", 2.5)
        for name, reply in SILENCES.items()
    ]
    return faults


def _dependency_faults(relays: Mapping[str, Relay], fake: FakeGemini) -> list[Trial]:
    def only(name: str, fault: Fault) -> Callable[[], None]:
        def cause() -> None:
            fake.reset()
            for other, relay in relays.items():
                relay.set_fault(fault if other == name else "none")

        return cause

    faults: list[Trial] = []
    for fault in ("down", "silent", "slow", "wrong"):
        faults.append(
            Trial(f"Qdrant {fault}", only("qdrant", fault),
                   "200 .*rag-reason=retrieval-unavailable.*degraded", 2.5, rag=True)
        )  # fmt: skip
        lost = "200 .*persisted=false"
        faults.append(Trial(f"PostgreSQL {fault}", only("postgres", fault), lost, 6, "site"))
        faults.append(
            Trial(f"Redis {fault}", only("redis", fault), "200 .*ratelimit-policy=local", 2.5)
        )
        well = f"all well again after {fault}"
        faults.append(Trial(well, only("", "none"), "200$", 12, "site", recovers=True))
    return faults


def upstream_matrix(fake: FakeGemini) -> int:
    """Run the faults of the upstream; return how many lines are not as they must be."""
    print("The upstream")
    with served({}, fake) as stage:
        matrix = Matrix(stage, models=True)
        matrix.run(_upstream_faults(fake))
    return matrix.failed


def tls_matrix(_fake: FakeGemini) -> int:
    """Run what TLS can do: never shake hands, show a certificate that nobody signed."""
    print("TLS")
    with relay_to(partial(asyncio.open_connection, "127.0.0.1", 9)) as relay:
        relay.set_fault("silent")
        env = {"GEMINI_API_KEY": KEY, "GEMINI_BASE_URL": f"https://127.0.0.1:{relay.port}"}
        with served(env) as stage:
            matrix = Matrix(stage, models=True)
            slow = Trial("the handshake never ends", lambda: None, "50[24] upstream_[a-z]+", 3)
            wrong = Trial(
                "an answer that is not TLS",
                lambda: relay.set_fault("wrong"),
                "502 upstream_tls",
                3,
            )
            matrix.run([slow, wrong])
    return matrix.failed


def dependency_matrix(fake: FakeGemini) -> int:
    """Run the faults of Qdrant, PostgreSQL and Redis."""
    print("Qdrant, PostgreSQL, Redis")
    with ExitStack() as stack:
        postgres = stack.enter_context(running_postgres(is_shared=False))
        folder = str(make_url(postgres.admin_url).query["host"])
        qdrant_port = int(stack.enter_context(running_qdrant()).rpartition(":")[2])
        valkey = stack.enter_context(running_valkey())
        tcp = partial(asyncio.open_connection, "127.0.0.1")
        relays = {
            "qdrant": stack.enter_context(relay_to(partial(tcp, qdrant_port))),
            "redis": stack.enter_context(relay_to(partial(tcp, valkey.port))),
            "postgres": stack.enter_context(
                relay_to(partial(asyncio.open_unix_connection, f"{folder}/.s.PGSQL.5432"))
            ),
        }
        env = {
            "QDRANT_URL": f"http://127.0.0.1:{relays['qdrant'].port}",
            "REDIS_URL": f"redis://127.0.0.1:{relays['redis'].port}/0",
            "DATABASE_URL": f"postgresql://postgres@127.0.0.1:{relays['postgres'].port}/postgres",
            "RATE_LIMIT_RPM": "100000",
        }
        with served(env, fake) as stage:
            book = write_pumps(stage.server.home / PUMPS)
            known = {"GEMINI_API_KEY": KEY, "GEMINI_BASE_URL": fake.url, **env}
            done = run_cli("ingest", str(book), "--book", PUMPS, env=known)
            if done.returncode:
                raise RuntimeError(done.stderr)
            matrix = Matrix(stage)
            matrix.run(_dependency_faults(relays, fake))
            if "Traceback" in stage.server.stderr:
                matrix.failed += 1
                log = stage.server.stderr
                kinds = set(re.findall(r"\\n([\w.]+(?:Error|Exception)[^\\]{0,200})", log))
                print("FAIL the log has tracebacks:", *sorted(kinds), sep="\n  ")
    return matrix.failed


def disk_matrix(fake: FakeGemini) -> int:
    """Run out of disk: from now on no file of the server may grow."""
    print("The disk")

    def full(stage: Stage) -> None:
        resource.prlimit(stage.server.pid, resource.RLIMIT_FSIZE, (4_096, resource.RLIM_INFINITY))

    with served({}, fake) as stage:
        matrix = Matrix(stage)
        lost = "200 .*persisted=false"
        turn = Trial("full: /api/chat", lambda: full(stage), lost, 3, "site")
        completion = Trial("full: a completion", lambda: full(stage), "200", 2, rag=True)
        matrix.run([turn, completion])
    return matrix.failed


_PARTS = {
    "upstream": upstream_matrix,
    "tls": tls_matrix,
    "dependencies": dependency_matrix,
    "disk": disk_matrix,
}


def main() -> int:
    """Print the matrix; 1 when a line is not as it must be."""
    allow_open_files()
    parser = argparse.ArgumentParser(prog="python -m reliability.faults")
    parser.add_argument("--only", choices=tuple(_PARTS), action="append", default=[])
    failed = 0
    with FakeGemini() as fake:
        for part in parser.parse_args().only or _PARTS:
            fake.reset()
            failed += _PARTS[part](fake)
    print(f"{failed} not as they must be")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
