"""A `DATABASE_URL` as people have it to what the driver wants: pure.

Neon and others hand out `postgresql://…?sslmode=require&channel_binding=require`; those are libpq's
words, which asyncpg does not know. Their pooled hosts (PgBouncer) give every transaction another
connection, so that prepared statements must neither be cached nor share names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from proxy.errors import ConfigurationError

CONNECT_TIMEOUT_S = 5.0
STATEMENT_TIMEOUT_S = 5.0
_POSTGRES = frozenset({"postgres", "postgresql", "postgresql+asyncpg"})
_SQLITE = frozenset({"sqlite", "sqlite+aiosqlite"})
_WITHOUT_MEANING_HERE = frozenset({"channel_binding", "pgbouncer", "options", "gssencmode"})


@dataclass(frozen=True, slots=True)
class Address:
    """Where the database is and how it is spoken to."""

    url: URL
    is_sqlite: bool
    connect_args: Mapping[str, Any] = field(default_factory=dict[str, Any])


def read_address(database_url: str) -> Address:
    """Return the address that a `DATABASE_URL` stands for.

    Raises:
        ConfigurationError: it stands for none we can use. The message does not quote it: there is a
            password in it.
    """
    try:
        url = make_url(database_url)
    except ArgumentError as exc:
        raise ConfigurationError("DATABASE_URL is not a database's URL") from exc
    if url.drivername in _SQLITE:
        return Address(url.set(drivername="sqlite+aiosqlite"), is_sqlite=True)
    if url.drivername in _POSTGRES:
        return _postgres(url)
    raise ConfigurationError(
        f"DATABASE_URL: '{url.drivername}' is not supported; use postgresql+asyncpg:// or "
        "sqlite+aiosqlite://"
    )


def _postgres(url: URL) -> Address:
    query = {name: str(value) for name, value in url.query.items()}
    args: dict[str, Any] = {
        "timeout": float(query.pop("connect_timeout", CONNECT_TIMEOUT_S)),
        "command_timeout": STATEMENT_TIMEOUT_S,
    }
    if (mode := query.pop("sslmode", None) or query.pop("ssl", None)) is not None:
        args["ssl"] = mode
    if (name := query.pop("application_name", None)) is not None:
        args["server_settings"] = {"application_name": name}
    if "-pooler." in (url.host or "") or query.get("pgbouncer") == "true":
        args |= {
            "statement_cache_size": 0,
            "prepared_statement_cache_size": 0,
            "prepared_statement_name_func": lambda: f"__book_proxy_{uuid4()}__",
        }
    kept = {name: value for name, value in query.items() if name not in _WITHOUT_MEANING_HERE}
    if unknown := sorted(kept.keys() - {"host", "port"}):
        raise ConfigurationError(f"DATABASE_URL: the parameter '{unknown[0]}' is not supported")
    url = url.set(drivername="postgresql+asyncpg", query=kept)
    return Address(url, is_sqlite=False, connect_args=args)
