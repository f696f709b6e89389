"""Rows as JSON, or as CSV that spreadsheet programs open without running anything."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from fastapi import Response
from fastapi.responses import JSONResponse

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is computed when it is opened: https://owasp.org/www-community/attacks/CSV_Injection"""


Format = Literal["json", "csv"]


def table_answer(rows: Sequence[Mapping[str, Any]], form: Format, name: str) -> Response:
    """Return rows as a client reads them, or as the file `name.csv`."""
    if form == "json":
        return JSONResponse(list(rows))
    headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
    return Response(csv_of(rows), media_type="text/csv; charset=utf-8", headers=headers)


def csv_of(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return a header and the rows, with a byte order mark, which Excel needs to read UTF-8."""
    out = io.StringIO()
    if rows:
        writer = csv.writer(out)
        writer.writerow(rows[0])
        writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> str | int:
    if isinstance(value, int):
        return value
    if isinstance(value, list | tuple):
        text = " | ".join(_inner(one) for one in value)  # pyright: ignore[reportUnknownVariableType]
    else:
        text = _inner(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _inner(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(str(part) for part in value.values() if part is not None)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return "" if value is None else str(value)
