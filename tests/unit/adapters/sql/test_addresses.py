"""The URLs people have, and what the driver gets of them."""

import pytest

from proxy.adapters.sql.addresses import read_address
from proxy.errors import ConfigurationError

NEON = "ep-cool-1-pooler.eu-central-1.aws.neon.tech"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_neons_pooled_url_works_as_it_is_shown(scheme: str) -> None:
    url = f"{scheme}://me:p%40ss@{NEON}/books?sslmode=require&channel_binding=require"
    address = read_address(url)
    assert address.url.drivername == "postgresql+asyncpg"
    assert (address.url.host, address.url.password) == (NEON, "p@ss")
    assert dict(address.url.query) == {}
    args = address.connect_args
    assert args["ssl"] == "require"
    assert (args["statement_cache_size"], args["prepared_statement_cache_size"]) == (0, 0)
    name = args["prepared_statement_name_func"]
    assert name() != name(), "connections behind a pooler share names"


def test_a_direct_connection_keeps_its_prepared_statements() -> None:
    args = read_address("postgresql://db/books?application_name=x&connect_timeout=2").connect_args
    assert "statement_cache_size" not in args
    assert args["server_settings"] == {"application_name": "x"}
    assert args["timeout"] == 2.0
    assert args["command_timeout"] > 0


def test_another_pooler_can_be_named() -> None:
    args = read_address("postgresql://pgbouncer:6432/books?pgbouncer=true").connect_args
    assert args["statement_cache_size"] == 0


@pytest.mark.parametrize("url", ["sqlite:///a.db", "sqlite+aiosqlite:////srv/a.db"])
def test_sqlite_is_spoken_to_asynchronously(url: str) -> None:
    address = read_address(url)
    assert address.is_sqlite
    assert address.url.drivername == "sqlite+aiosqlite"


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://u:secret@h/d", "postgresql://u:secret@h/d?search=x"]
)
def test_what_cannot_be_used_is_said_without_its_password(url: str) -> None:
    with pytest.raises(ConfigurationError, match="DATABASE_URL") as refused:
        read_address(url)
    assert "secret" not in str(refused.value)
