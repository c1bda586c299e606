"""Which model versions are kept, and which may be deleted by whoever looks after the registry."""

import datetime as dt
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from starloop.model.registry import Registry

DELETE = "delete"


class RegistryParams(BaseModel):
    """How much of the registry is kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keep: int = Field(10, ge=1)
    """Newest versions kept; every former champion is kept besides."""


def mark(registry: "Registry", params: RegistryParams) -> list[int]:
    """Tag the versions that need not be kept: ``delete: since <UTC>``. Nothing is deleted.

    Kept are the newest ones, every version that ever was champion, and every one an alias points at. A version that
    has become one of them loses its tag.

    Returns
    -------
    list of int
        The versions that carry the tag now.
    """
    versions = registry.versions()
    champions = {version for entry in registry.history() for version in (entry.old, entry.new)}
    kept = {*sorted(versions)[-params.keep :], *champions, *registry.aliases().values()}
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    for version, tags in versions.items():
        if version in kept and DELETE in tags:
            registry.tag(version, DELETE, None)
        if version not in kept and DELETE not in tags:
            registry.tag(version, DELETE, f"since {now}")
    return sorted(set(versions) - kept)
