"""Take registry and endpoint back together."""

from typing import Any

from prefect import flow

from tasks.serving import roll_back


@flow(name="rollback")
def rollback(to: int | None = None, why: str = "requested", leaving: int | None = None) -> dict[str, Any]:
    """Make an earlier version the champion again and serve it.

    At the end the endpoint answers with it, or the run fails and registry and endpoint agree all the same.

    Parameters
    ----------
    to : int, optional
        The version; the champion before this one unless given.
    why : str
        The reason, for the ledger.
    leaving : int, optional
        The champion that is to be left, where the reason is about that one alone: another one stays.
    """
    return roll_back(to, why, leaving)
