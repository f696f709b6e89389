"""A matrix of trials: what a client sees of each, in how long, and what all of them leave."""

import re
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from reliability.stage import KEY, Stage
from tests.support.gemini_server import FakeGemini
from tests.support.serving import BookProxy, free_port

_TIMES = 5
_PATIENCE_S = 15.0
_ASKED_EVERY_S = 0.25
_QUICK = {
    "PROXY_FIRST_TOKEN_TIMEOUT_S": "1",
    "PROXY_IDLE_TIMEOUT_S": "1",
    "PROXY_UPSTREAM_CONNECT_TIMEOUT_S": "1",
    "PROXY_REWRITE": "rules",
    "LOG_LEVEL": "WARNING",
    "LOG_FORMAT": "json",
}
_QUESTION = "When does the Quillon pump start by itself?"
_CODE = re.compile(r'"code": ?"([a-z_0-9]+)"')
_MAX_GROWTH_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Trial:
    """One line of the matrix."""

    name: str
    cause: Callable[[], None]
    """Called before each request."""
    expected: str
    """A pattern of what the client is to see."""
    within_s: float
    kind: str = "stream"
    """`stream` or `json` of a completion, `site` of `/api/chat`."""
    rag: bool = False
    recovers: bool = False
    """Whether it is asked until it is so, instead of some times."""


def seen_by_client(http: httpx.Client, fault: Trial, model: str) -> str:
    """Ask once; return what came back in a few words."""
    body: dict[str, Any]
    if fault.kind == "site":
        body, path = {"message": _QUESTION}, "/api/chat"
    else:
        body = {"model": model, "messages": [{"role": "user", "content": _QUESTION}]}
        body |= {"stream": fault.kind == "stream", "rag": {"enabled": fault.rag}}
        path = "/v1/chat/completions"
    try:
        reply = http.post(path, json=body)
    except httpx.TimeoutException:
        return f"nothing in {_PATIENCE_S:.0f} s"
    words = [str(reply.status_code)]
    if codes := _CODE.findall(reply.text):
        words.append(codes[-1])
    if reply.status_code == 200 and fault.kind == "stream":
        words.append("[DONE]" if "[DONE]" in reply.text else "error event")
    shown = ("x-rag-reason", "x-persisted", "x-ratelimit-policy")
    words += [f"{name[2:]}={reply.headers[name]}" for name in shown if name in reply.headers]
    if reply.headers.get("x-rag-status") == "degraded":
        words.append("degraded")
    if wait := reply.headers.get("retry-after"):
        words.append(f"retry-after={wait}")
    return " ".join(words)


class Matrix:
    """Runs faults against one server and keeps count."""

    def __init__(self, stage: Stage, *, models: bool = False) -> None:
        self._stage = stage
        self._models = models
        self._http = httpx.Client(base_url=stage.server.url, timeout=_PATIENCE_S)
        self.failed = 0

    def warm(self) -> None:
        """Let everything be set up that is set up once."""
        well = Trial("", lambda: None, "200", 5)
        for kind in ("stream", "json", "site"):
            for _ in range(3):
                seen_by_client(self._http, Trial("", well.cause, "", 5, kind, rag=True), "gpt-4o")

    def run(self, faults: list[Trial]) -> None:
        """Print a line for each fault, and one for what all of them left."""
        self.warm()
        files, rss, tasks = self._left()
        for number, fault in enumerate(faults):
            self._run(number, fault)
        deadline_s = time.monotonic() + 25
        files_now, rss_now, tasks_now = self._left()
        while (files_now > files or tasks_now > tasks) and time.monotonic() < deadline_s:
            time.sleep(0.5)
            files_now, rss_now, tasks_now = self._left()
        growth = rss_now - rss
        holds = files_now <= files and tasks_now <= tasks and growth < _MAX_GROWTH_BYTES
        self.failed += not holds
        print(
            f"{'ok  ' if holds else 'FAIL'} left behind: {files_now - files:+d} files, "
            f"{tasks_now - tasks:+.0f} tasks, {growth / 1e6:+.1f} MB"
        )

    def _run(self, number: int, fault: Trial) -> None:
        if fault.recovers:
            self._wait_for(fault)
            return
        seen, took = set[str](), list[float]()
        for _ in range(_TIMES):
            fault.cause()
            began_s = time.monotonic()
            # A model of its own, where it is the model that fails: circuits know nothing of others.
            model = f"gemini-fault-{number}" if self._models else "gpt-4o"
            seen.add(seen_by_client(self._http, fault, model))
            took.append(time.monotonic() - began_s)
        is_expected = all(re.search(fault.expected, one) for one in seen)
        self._say(fault, max(took), " | ".join(sorted(seen)), is_expected=is_expected)

    def _wait_for(self, fault: Trial) -> None:
        fault.cause()
        began_s = time.monotonic()
        while True:
            said = seen_by_client(self._http, fault, "gpt-4o")
            took_s = time.monotonic() - began_s
            is_expected = re.search(fault.expected, said) is not None
            if is_expected or took_s > fault.within_s:
                break
            time.sleep(_ASKED_EVERY_S)
        self._say(fault, took_s, said, is_expected=is_expected)

    def _say(self, fault: Trial, took_s: float, said: str, *, is_expected: bool) -> None:
        holds = is_expected and took_s <= fault.within_s
        self.failed += not holds
        print(f"{'ok  ' if holds else 'FAIL'} {fault.name:<42} {took_s:6.2f} s   {said}")

    def _left(self) -> tuple[int, int, float]:
        tasks = self._stage.metrics()["book_proxy_tasks{}"]
        return self._stage.open_files(), self._stage.rss_bytes(), tasks


@contextmanager
def served(env: Mapping[str, str], fake: FakeGemini | None = None) -> Generator[Stage]:
    """Run a server; its upstream is `fake`, if that is given."""
    metrics_port = free_port()
    given = {**_QUICK, "METRICS_PORT": str(metrics_port), **env}
    if fake is not None:
        given |= {"GEMINI_API_KEY": KEY, "GEMINI_BASE_URL": fake.url}
    with BookProxy(given, limits={}) as server:
        yield Stage(server, 0, metrics_port)
