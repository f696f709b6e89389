"""Who comes in by a token or a stored key, and what everybody else is told."""

import asyncio
import json
import subprocess
import time
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import httpx
import jwt
import pytest

from tests.support.command_line import CommandLine
from tests.support.serving import BookProxy
from tests.support.tokens import AUDIENCE, ISSUER, Issuer, claims, jwks_response
from tests.support.waiting import LONG_ENOUGH_S
from tests.support.web_server import WebServer

SITE, STRANGER, RSA = Issuer(), Issuer(), Issuer("RS256")
BODY = {"message": "Where does the pump start?"}


def _forged(algorithm: str, key: str | bytes) -> str:
    return jwt.encode(claims(), key, algorithm=algorithm, headers={"kid": SITE.kid})


REFUSED: dict[str, str | None] = {
    "missing": None,
    "malformed": "a.b.c",
    "not even a token": "garbage",
    "expired": SITE.token(exp=int(time.time()) - 120),
    "not yet valid": SITE.token(nbf=int(time.time()) + 86_400),
    "wrong audience": SITE.token(aud="https://other.example"),
    "wrong issuer": SITE.token(iss="https://evil.example"),
    "alg none": jwt.encode(claims(), "", algorithm="none", headers={"kid": SITE.kid}),
    "HS256 with the public key": _forged("HS256", str(SITE.jwk["x"])),
    "unknown kid": SITE.token(kid="unknown"),
    "another's signature": STRANGER.token(),
    "a kid that is a path": SITE.token(kid="../../etc/passwd"),
    "a kid that is SQL": SITE.token(kid="key-1' OR '1'='1"),
    "an empty kid": SITE.token(kid=" "),
    "a key of its own": jwt.encode(
        claims(), STRANGER.key, algorithm="EdDSA", headers={"kid": SITE.kid, "jwk": STRANGER.jwk}
    ),
    "another algorithm's name": SITE.token().replace(
        SITE.token().partition(".")[0], RSA.token(kid=SITE.kid).partition(".")[0]
    ),
    "a critical extension": jwt.encode(
        claims(), SITE.key, algorithm="EdDSA", headers={"kid": SITE.kid, "crit": ["b64"]}
    ),
    "issued tomorrow": SITE.token(iat=int(time.time()) + 86_400),
    "without end": SITE.token(exp=None),
    "an end that is no number": SITE.token(exp="never"),
    "nobody's": SITE.token(sub=None),
    "a huge token": SITE.token(filler="x" * 40_000),
    "four parts": SITE.token() + ".x",
    "two tokens": f"{SITE.token()},{SITE.token(sub='ben')}",
    "the id of a reader": "jwt:ann",
    "SQL": "bp_0000000000000000_' OR 1=1 --",
    "an unknown key": f"bp_{'0' * 16}_{'x' * 43}",
}
PLACES = [
    ("POST", "/v1/chat/completions"),
    ("POST", "/v1/responses"),
    ("GET", "/v1/models"),
    ("POST", "/api/chat"),
    ("POST", "/api/chat/stream"),
    ("GET", "/api/chat/history/conv_1"),
    ("DELETE", "/api/chat/conv_1"),
    ("GET", "/api/me"),
    ("GET", "/api/usage"),
    ("GET", "/metrics"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of the server and of its command line."""
    return tmp_path_factory.mktemp("identity") / "data"


@pytest.fixture
async def proxy(home: Path) -> AsyncGenerator[tuple[BookProxy, WebServer]]:
    """A proxy that believes the site."""
    async with WebServer({"/api/auth/jwks": jwks_response(SITE)}) as site:
        env = {
            "JWT_JWKS_URL": f"http://127.0.0.1:{site.port}/api/auth/jwks",
            "JWT_ISSUER": ISSUER,
            "JWT_AUDIENCE": AUDIENCE,
            "RATE_LIMIT_RPM": "0",
        }
        async with BookProxy(env, data_dir=home) as server:
            yield server, site


def _headers(credential: str | None) -> dict[str, str]:
    return {} if credential is None else {"authorization": f"Bearer {credential}"}


async def test_every_wrong_credential_is_a_401_everywhere(
    proxy: tuple[BookProxy, WebServer],
) -> None:
    server, site = proxy
    async with httpx.AsyncClient(base_url=server.url, timeout=LONG_ENOUGH_S) as http:
        for name, credential in REFUSED.items():
            for method, path in PLACES:
                reply = await http.request(method, path, headers=_headers(credential), content=b"{")
                assert reply.status_code == 401, (name, path)
                error = reply.json()["error"]
                assert error["type"] == "invalid_request_error", (name, path)
                assert error["code"] in {"invalid_api_key", "invalid_token", "token_expired"}
                assert reply.headers["www-authenticate"] == "Bearer"
        good = await http.get("/api/me", headers=_headers(SITE.token()))
        assert good.json()["id"] == "jwt:ann"
    assert site.connections == 1, "one fetch of the keys, whatever kids were made up"


async def test_a_token_cannot_say_where_its_keys_are(proxy: tuple[BookProxy, WebServer]) -> None:
    server, site = proxy
    site.answers["/evil.json"] = jwks_response(STRANGER)
    evil = f"http://127.0.0.1:{site.port}/evil.json"
    headers = {"kid": "evil", "jku": evil, "x5u": evil}
    token = jwt.encode(claims(), STRANGER.key, algorithm="EdDSA", headers=headers)
    async with httpx.AsyncClient(base_url=server.url, timeout=LONG_ENOUGH_S) as http:
        assert (await http.get("/api/me", headers=_headers(token))).status_code == 401
    assert not [head for head in site.requests if b"evil" in head]


async def test_a_site_that_is_away_shuts_out_nobody_who_was_known(home: Path) -> None:
    async def never(_writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with WebServer({"/jwks": jwks_response(SITE)}) as site:
        env = {
            "JWT_JWKS_URL": f"http://127.0.0.1:{site.port}/jwks",
            "JWT_ISSUER": ISSUER,
            "JWT_AUDIENCE": AUDIENCE,
        }
        async with (
            BookProxy(env, data_dir=home) as server,
            httpx.AsyncClient(base_url=server.url, timeout=LONG_ENOUGH_S) as http,
        ):
            assert (await http.get("/api/me", headers=_headers(SITE.token()))).status_code == 200
            site.answers["/jwks"] = never
            made_up = _headers(SITE.token(kid="made up"))
            asking = [http.get("/api/me", headers=made_up) for _ in range(5)]
            good = [http.get("/api/me", headers=_headers(SITE.token())) for _ in range(5)]
            seen = await asyncio.gather(*asking, *good)
        assert [reply.status_code for reply in seen] == [401] * 5 + [200] * 5


async def test_a_site_that_is_away_at_the_start_is_a_503_and_no_failure_to_start(
    tmp_path: Path,
) -> None:
    env = {
        "JWT_JWKS_URL": "http://127.0.0.1:9/jwks",
        "JWT_ISSUER": ISSUER,
        "JWT_AUDIENCE": AUDIENCE,
    }
    async with (
        BookProxy(env, data_dir=tmp_path / "data") as server,
        httpx.AsyncClient(base_url=server.url, timeout=LONG_ENOUGH_S) as http,
    ):
        reply = await http.get("/api/me", headers=_headers(SITE.token()))
        assert (reply.status_code, reply.json()["error"]["code"]) == (503, "auth_unavailable")
        assert (await http.get("/api/me")).status_code == 401
        ready = await http.get("/ready")
        assert ready.status_code == 503
        assert "auth_unavailable" in ready.json()["checks"].values()
        assert "Traceback" not in server.stderr


async def test_a_role_that_does_not_suffice_is_a_403(proxy: tuple[BookProxy, WebServer]) -> None:
    server, _ = proxy
    async with httpx.AsyncClient(base_url=server.url, timeout=LONG_ENOUGH_S) as http:
        for role, path, status in (
            ("user", "/api/content/books", 403),
            ("author", "/api/content/books", 200),
            ("author", "/api/usage", 403),
            ("admin", "/api/usage", 200),
        ):
            reply = await http.get(path, headers=_headers(SITE.token(role=role)))
            assert reply.status_code == status, (role, path)
            if status == 403:
                assert reply.json()["error"]["code"] == "permission_denied"


async def test_a_deactivated_reader_is_shut_out_within_seconds(
    proxy: tuple[BookProxy, WebServer], command_line: CommandLine, home: Path
) -> None:
    server, _ = proxy
    token = SITE.token(sub="zoe")
    env = {"PROXY_DATA_DIR": str(home)}
    async with httpx.AsyncClient(
        base_url=server.url, headers=_headers(token), timeout=LONG_ENOUGH_S
    ) as http:
        assert (await http.post("/api/chat", json=BODY)).status_code == 200
        done = await asyncio.to_thread(command_line, "readers", "deactivate", "jwt:zoe", env=env)
        assert done.returncode == 0, done.stderr
        async with asyncio.timeout(LONG_ENOUGH_S):
            while (reply := await http.get("/api/me")).status_code == 200:
                pass
        assert (reply.status_code, reply.json()["error"]["code"]) == (401, "reader_deactivated")
        await asyncio.to_thread(command_line, "readers", "activate", "jwt:zoe", env=env)
        async with asyncio.timeout(LONG_ENOUGH_S):
            while (await http.get("/api/me")).status_code == 401:
                pass


def _created(done: "subprocess.CompletedProcess[str]") -> dict[str, str]:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Generator[BookProxy]:
    """A server with one key already made, and no other auth."""
    folder = tmp_path_factory.mktemp("keyed") / "data"
    with CommandLine() as commands:
        first = commands("keys", "create", "--name", "first", env={"PROXY_DATA_DIR": str(folder)})
        assert first.returncode == 0, first.stderr
    with BookProxy(data_dir=folder) as server:
        yield server


def test_a_key_lives_from_its_making_to_its_end(
    keyed: BookProxy, command_line: CommandLine
) -> None:
    env = {"PROXY_DATA_DIR": str(keyed.data_dir)}
    made = _created(
        command_line("keys", "create", "--name", "Ann", "--role", "author", "--json", env=env)
    )
    with httpx.Client(base_url=keyed.url, timeout=LONG_ENOUGH_S) as http:
        assert http.get("/api/me").status_code == 401
        for headers in (_headers(made["key"]), {"x-api-key": made["key"]}):
            me = http.get("/api/me", headers=headers).json()
            assert (me["id"], me["role"]) == (f"key:{made['id']}", "author")
        wrong = made["key"][:-1] + ("A" if made["key"][-1] != "A" else "B")
        assert http.get("/api/me", headers=_headers(wrong)).status_code == 401
        listed = command_line("keys", "list", env=env)
        assert made["id"] in listed.stdout
        assert made["key"] not in listed.stdout
        assert command_line("keys", "revoke", made["id"], env=env).returncode == 0
        until_s = time.monotonic() + LONG_ENOUGH_S
        while (reply := http.get("/api/me", headers=_headers(made["key"]))).status_code == 200:
            assert time.monotonic() < until_s
        assert reply.json()["error"]["code"] == "api_key_revoked"
    assert command_line("keys", "revoke", "nothing", env=env).returncode == 1
    assert '"state":"revoked"' in command_line("keys", "list", "--json", env=env).stdout


def test_a_key_that_has_expired_is_refused(keyed: BookProxy, command_line: CommandLine) -> None:
    env = {"PROXY_DATA_DIR": str(keyed.data_dir)}
    options = ("--name", "old", "--expires", "2020-01-01", "--json")
    made = _created(command_line("keys", "create", *options, env=env))
    reply = httpx.get(f"{keyed.url}/api/me", headers=_headers(made["key"]), timeout=LONG_ENOUGH_S)
    assert (reply.status_code, reply.json()["error"]["code"]) == (401, "api_key_expired")
    for wrong in (("--expires", "soon"), ("--role", "king"), ("--rpm", "-1")):
        assert command_line("keys", "create", "--name", "x", *wrong, env=env).returncode == 2


def test_with_a_stored_key_the_network_may_be_served(command_line: CommandLine) -> None:
    env = {"GENERATOR": "offline", "DATABASE_URL": "nonsense"}
    done = command_line("serve", "--host", "0.0.0.0", env=env)
    assert done.returncode == 2
    assert "DATABASE_URL" in done.stderr
    done = command_line("serve", "--host", "0.0.0.0", env={"GENERATOR": "offline"})
    assert done.returncode == 2
    assert "keys create" in done.stderr
