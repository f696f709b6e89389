"""How each contender is started, with the settings one would use in production, one worker each.

No access logs, no debugging, no databases, no callbacks, no caches, no auth beyond what cannot be
left out. Every process starts with an empty environment but for what stands here.
"""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench import peers
from bench.processes import Cores, Process, free_port
from bench.replies import MODEL

ROOT: Final = Path(__file__).resolve().parent.parent
RELAY: Final = "book-proxy, relay"
RETRIEVAL: Final = "book-proxy, retrieval"
LITELLM: Final = "LiteLLM"
PORTKEY: Final = "Portkey"
NGINX: Final = "nginx proxy_pass"
NAMES: Final = (RELAY, RETRIEVAL, LITELLM, PORTKEY, NGINX)

_START_TIMEOUT_S: Final = 120.0

_LITELLM_CONFIG: Final = """\
model_list:
  - model_name: {model}
    litellm_params:
      model: gemini/{model}
      api_base: http://127.0.0.1:{upstream}/v1beta
      api_key: bench
litellm_settings:
  callbacks: []
  num_retries: 0
  request_timeout: 60
general_settings:
  dangerously_permit_weak_or_unset_master_key: true
"""

# One long-lived connection per client connection and no buffering of streams, as for any SSE.
_NGINX_CONFIG: Final = """\
daemon off;
worker_processes 1;
pid {place}/nginx.pid;
error_log stderr error;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  keepalive_requests 100000000;
  client_body_temp_path {place}/body;
  proxy_temp_path {place}/proxy;
  fastcgi_temp_path {place}/fastcgi;
  uwsgi_temp_path {place}/uwsgi;
  scgi_temp_path {place}/scgi;
  upstream model {{
    server 127.0.0.1:{upstream};
    keepalive 64;
    keepalive_requests 100000000;
  }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://model;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What contenders are started in."""

    cores: Cores
    place: Path
    """A temporary folder."""
    upstream_port: int
    qdrant_url: str | None
    """None when there is no book to retrieve from."""


@dataclass(frozen=True, slots=True)
class Contender:
    """One row of the table: a running server and how it is asked."""

    name: str
    process: Process
    port: int
    headers: tuple[str, ...] = ()
    expects: str | None = None
    """A `name: value` that every answer's head must carry."""
    sends_done: bool = True
    """Whether its streams end with `data: [DONE]`."""


def _start(
    name: str,
    argv: list[str | Path],
    port: int,
    around: Surroundings,
    env: Mapping[str, str] | None = None,
) -> Process:
    environment = {"PATH": os.defpath, "HOME": str(around.place), "LANG": "C.UTF-8", **(env or {})}
    process = Process(
        argv,
        cores=around.cores.contender,
        log=around.place / f"{name}.log",
        env=environment,
        cwd=around.place,
    )
    try:
        process.wait_until_listening(port, timeout_s=_START_TIMEOUT_S)
    except BaseException:
        process.stop()
        raise
    return process


def start_book_proxy(around: Surroundings) -> list[Contender]:
    """Start this project once; it makes two rows, told apart by a header."""
    port = free_port()
    upstream = f"http://127.0.0.1:{around.upstream_port}"
    env = {
        "GEMINI_API_KEY": "bench",
        "GEMINI_BASE_URL": upstream,
        "GEMINI_MODEL": MODEL,
        "EMBEDDER": "gemini",
        "PROXY_DATA_DIR": str(around.place / "data"),
        "LOG_LEVEL": "WARNING",
    }
    if around.qdrant_url is not None:
        env["QDRANT_URL"] = around.qdrant_url
    # By path and not by the installed command: measured is this checkout, from a folder without
    # a `.env`.
    env["PYTHONPATH"] = str(ROOT)
    argv: list[str | Path] = [sys.executable, "-m", "proxy", "serve"]
    argv += ["--host", "127.0.0.1", "--port", str(port)]
    process = _start("book-proxy", argv, port, around, env)
    rows = [Contender(RELAY, process, port, ("x-rag-enabled: false",), "x-rag-status: off")]
    if around.qdrant_url is not None:
        rows.append(Contender(RETRIEVAL, process, port, (), "x-rag-status: grounded"))
    return rows


def start_litellm(around: Surroundings) -> list[Contender]:
    """Start LiteLLM's proxy with Gemini as the provider."""
    program, port = peers.litellm(), free_port()
    config = around.place / "litellm.yaml"
    config.write_text(_LITELLM_CONFIG.format(model=MODEL, upstream=around.upstream_port))
    env = {
        "LITELLM_LOG": "ERROR",
        "LITELLM_MODE": "PRODUCTION",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # or it tries to download one at every start
    }
    argv: list[str | Path] = [program, "--config", config, "--host", "127.0.0.1"]
    argv += ["--port", str(port), "--num_workers", "1"]
    return [Contender(LITELLM, _start("litellm", argv, port, around, env), port)]


def start_portkey(around: Surroundings) -> list[Contender]:
    """Start Portkey's gateway; every request names Google as the provider and its address."""
    (node, script), port = peers.portkey(), free_port()
    argv: list[str | Path] = [node, script, f"--port={port}", "--headless"]
    process = _start("portkey", argv, port, around, {"NODE_ENV": "production"})
    headers = (
        "x-portkey-provider: google",
        f"x-portkey-custom-host: http://127.0.0.1:{around.upstream_port}",
    )
    # Gemini has no [DONE] and Portkey (1.15) adds none.
    return [Contender(PORTKEY, process, port, headers, sends_done=False)]


def start_nginx(around: Surroundings) -> list[Contender]:
    """Start nginx before the upstream's OpenAI endpoint: it relays bytes and translates nothing."""
    (program, libraries), port = peers.nginx(), free_port()
    config = around.place / "nginx.conf"
    config.write_text(
        _NGINX_CONFIG.format(place=around.place, upstream=around.upstream_port, port=port)
    )
    env = {"LD_LIBRARY_PATH": str(libraries)} if libraries else {}
    argv: list[str | Path] = [program, "-p", around.place, "-e", "stderr", "-c", config]
    return [Contender(NGINX, _start("nginx", argv, port, around, env), port)]


STARTERS: Final[Mapping[str, Callable[[Surroundings], list[Contender]]]] = {
    "book-proxy": start_book_proxy,
    "litellm": start_litellm,
    "portkey": start_portkey,
    "nginx": start_nginx,
}
