"""What a run shows in Prefect's UI; stable keys, so that the UI keeps a history."""

from prefect import task
from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE


@task(name="show-night", cache_policy=NO_CACHE)
def show_night(night: str) -> None:
    """Show the ledger, the checks and a link to the report."""
    import json

    from starloop import workspace
    from starloop.nights.ledger import Ledger

    home = workspace.current().home
    when = workspace.current().night(night)
    ledger = Ledger.load(home.ledger(when))
    create_table_artifact(
        [{"source": name, **counts.model_dump()} for name, counts in ledger.sources.items()],
        key="ledger",
        description=f"Ledger of {night}",
    )
    failed = [check for check in json.loads(home.checks(when).read_text())["expectations"] if not check["success"]]
    create_table_artifact(failed, key="checks", description=f"Expectations that found something on {night}")
    report = home.report(when).resolve()
    if report.exists():
        create_link_artifact(report.as_uri(), key="report", link_text=f"Report of {night}")


@task(name="show-model", cache_policy=NO_CACHE)
def show_model(version: int, verdict: str, reasons: list[str]) -> None:
    """Show the challenger's metrics and what the gate said."""
    import json

    from starloop import workspace

    metrics = json.loads((workspace.current().home.evaluation / "metrics.json").read_text())
    create_table_artifact(
        [{"class": name, **figures} for name, figures in metrics["classes"].items()],
        key="metrics",
        description=f"Held-out metrics of version {version}",
    )
    create_markdown_artifact(
        f"**{verdict}**: version {version}\n\n" + "\n".join(f"- {reason}" for reason in reasons), key="gate"
    )
