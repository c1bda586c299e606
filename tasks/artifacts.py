"""What a run shows in Prefect's UI; stable keys, so that the UI keeps a history."""

from prefect import task
from prefect.artifacts import (
    create_image_artifact,
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
)
from prefect.cache_policies import NO_CACHE


@task(name="show-night", cache_policy=NO_CACHE)
def show_night(night: str) -> None:
    """Show the numbers of the night's report, with links to it and to what lies beside it."""
    from starloop import workspace
    from starloop.report import facts, shown
    from starloop.report.reading import read

    place = workspace.current()
    when = place.night(night)
    told = read(facts.path(place.home, when))
    if told is None:
        return
    for key, (title, rows) in shown.tables(told).items():
        create_table_artifact(rows, key=key, description=title)
    for key, (title, percent) in shown.shares(told).items():
        create_progress_artifact(percent, key=key, description=title)
    for key, (title, address) in shown.pictures(told, place.home.good(when)).items():
        create_image_artifact(address, key=key, description=title)
    # In a cluster the pages are not beside the endpoint.
    desk = (told["endpoint"] or {}).get("url") if place.settings.target == "local" else None
    for key, (text, link) in shown.links(told, place.home, desk).items():
        create_link_artifact(link, key=key, link_text=text)


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
