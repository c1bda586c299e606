"""Who runs this flow, for the ledger of promotions."""

from prefect.runtime import flow_run


def who() -> str:
    """Name the user and the flow run; one that an automation or a schedule started runs as the worker's user."""
    from starloop.model.promotions import user

    return f"{user()}, {flow_run.flow_name} run {flow_run.name}"
