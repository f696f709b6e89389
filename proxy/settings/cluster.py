"""Where an ingest runs that is too large for one machine."""

from pydantic import Field

from proxy.settings.fields import Group


class RaySettings(Group):
    """Ray, for `book-proxy ingest --engine ray`."""

    address: str | None = Field(
        None,
        alias="RAY_ADDRESS",
        description="Head of the Ray cluster that `ingest --engine ray` runs on, as `host:port`; "
        "unset: a Ray on this machine, as long as the ingest takes.",
    )
    cpus: int | None = Field(
        None,
        ge=2,
        alias="PROXY_RAY_CPUS",
        description="How many workers a Ray on this machine has; unset: one per core.",
    )
