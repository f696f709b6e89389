"""What kind of failure SQLite reports. https://sqlite.org/rescode.html."""

import sqlite3

_PRIMARY = 0xFF
"""An extended code has the primary one in its lowest byte."""


def primary_code(exc: sqlite3.Error) -> int:
    """Return the primary result code; what the driver itself raises has none: `SQLITE_ERROR`."""
    code: int = getattr(exc, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & _PRIMARY
