"""Credentials that live in Prefect instead of the environment."""

from typing import Any, cast

from pydantic import SecretStr

from starloop.archives.config import Credentials

BLOCKS = {
    "mast_token": "starloop-mast-api-token",
    "irsa_user": "starloop-irsa-user",
    "irsa_password": "starloop-irsa-password",
    "alerce_token": "starloop-alerce-token",
}
"""The Secret block that is read for each credential the environment does not hold."""


def complete(known: Credentials) -> Credentials:
    """Give the credentials of the environment, and those of Secret blocks where it has none."""
    from prefect.blocks.system import Secret

    missing: dict[str, Any] = {}
    for name, block in BLOCKS.items():
        if getattr(known, name) is not None:
            continue
        try:
            # Prefect types one function for both of its worlds; here, outside a loop, it gives the block itself
            missing[name] = SecretStr(cast(Secret[str], Secret.load(block)).get())
        except ValueError:  # Prefect's word for a block that does not exist
            continue
    return known.model_copy(update=missing)
