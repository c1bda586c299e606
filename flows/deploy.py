"""Put the champion behind the endpoint."""

from typing import Any

from prefect import flow

from tasks.serving import switch_endpoint


@flow(name="deploy")
def deploy() -> dict[str, Any]:
    """Serve the registry's champion; nothing happens when it serves already."""

    from starloop import workspace
    from starloop.errors import BadInput

    champion = workspace.current().registry().champion()
    if champion is None:
        raise BadInput("there is no champion to deploy: run `starloop nightly` until a model passes the gate")
    return switch_endpoint(champion)
