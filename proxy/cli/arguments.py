"""What several commands ask of their arguments."""

import typer


def not_blank(value: str) -> str:
    """Return `value`; a blank one is a wrong usage (an unset variable, most of the time)."""
    if not value.strip():
        raise typer.BadParameter("is blank")
    return value


def none_blank(values: list[str]) -> list[str]:
    """Return `values` if none is blank."""
    return [not_blank(value) for value in values]
