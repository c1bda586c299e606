"""Put the champion behind the endpoint."""

from typing import Any

from prefect import flow

from tasks.serving import deploy_champion


@flow(name="deploy")
def deploy(version: int | None = None) -> dict[str, Any]:
    """Serve the registry's champion; one that cannot be served is champion no longer.

    Nothing is started when it serves already. At the end the endpoint answers with the champion, or the run fails.

    Parameters
    ----------
    version : int, optional
        The champion that is meant, where its promotion asks; another one's deployment is its own.
    """
    return deploy_champion(version)
