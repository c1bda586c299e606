"""What the commands print."""

import json
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from starloop.nights.calendar import Night
from starloop.workspace import Workspace

# A pipe has no width of its own, and a wrapped table cannot be read.
OUT = Console(width=None if Console().is_terminal else 120)


def ledgers(place: Workspace, nights: list[str]) -> None:
    """Print one line a night and source; a ledger that does not balance cannot be loaded into it."""
    from starloop.nights.ledger import Ledger

    table = Table(title=f"Ledger of {place.name} (origin: {place.origin})", box=SIMPLE_HEAD, collapse_padding=True)
    for name in ("night", "source"):
        table.add_column(name, no_wrap=True)
    names = ("requested", "received", "empty", "failed", "rows_received", "accepted", "quarantined", "duplicate")
    for name in names:
        table.add_column(name.replace("_", " "), justify="right")
    for night in nights:
        ledger = Ledger.load(place.home.ledger(Night.parse(night)))
        ledger.balance()
        for source, counts in ledger.sources.items():
            table.add_row(night, source, *(str(getattr(counts, name)) for name in names))
    OUT.print(table)
    OUT.print("balanced: requested = received + empty + failed; rows = accepted + quarantined + duplicate")


def night(place: Workspace, facts: dict[str, Any]) -> None:
    """Print what a nightly run came to."""
    ledgers(place, [facts["night"]])
    outcome(place, facts)


def outcome(place: Workspace, facts: dict[str, Any]) -> None:
    """Print what became of the model, and where to look."""
    if "gate" in facts:
        verdict(facts["gate"])
    metrics(place)
    champion(place, facts["champion"])
    if "endpoint" in facts:
        endpoint(place)
    OUT.print(f"report: {facts['report']}", soft_wrap=True)
    OUT.print("took: " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in facts["seconds"].items()))


def champion(place: Workspace, version: int | None) -> None:
    """Print which version is the champion, and what it was trained on."""
    if version is None:
        OUT.print("champion: none yet")
        return
    bundle = _bundle(place.home.version(version))
    labels = bundle["metrics"]["trained_on"]
    OUT.print(f"champion: version {version}, trained on {bundle['night']} with {labels} labelled objects")


def _bundle(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / "bundle.json").read_text())
    return told


def verdict(told: dict[str, Any]) -> None:
    """Print what the gate said."""
    OUT.print(
        f"gate: version {told['version']} {told['verdict']}" if "scores" in told else f"retrain: {told['verdict']}"
    )
    for reason in told["reasons"]:
        OUT.print(f"  - {reason}", soft_wrap=True)


def metrics(place: Workspace) -> None:
    """Print precision, recall, F1 and support of each class on the held-out objects of the newest training."""
    path = place.home.evaluation / "metrics.json"
    if not path.exists():
        OUT.print("metrics: no model has been trained yet")
        return
    told, bundle = json.loads(path.read_text()), _bundle(place.home.model)
    table = Table("class", title=f"Held-out objects; model trained on {bundle['night']}")
    for name in ("precision", "recall", "f1", "support"):
        table.add_column(name, justify="right")
    for name, figures in told["classes"].items():
        numbers = ("-" if figures[key] is None else f"{figures[key]:.3f}" for key in ("precision", "recall", "f1"))
        table.add_row(name, *numbers, str(figures["support"]))
    OUT.print(table)
    OUT.print(f"macro-F1 {told['macro_f1']:.3f}, accuracy {told['accuracy']:.3f}, {told['objects']} objects")
    for name, parent in bundle["folded"].items():
        OUT.print(f"too few labels of its own: {name}, counted as {parent}")
    for name, labels in bundle["dropped"].items():
        OUT.print(f"too few labels, alone and with its parent: {name} ({labels})")


def endpoint(place: Workspace) -> None:
    """Print what the endpoint serves, in its own words."""
    from starloop.endpoint import client

    served = place.endpoint()
    if served is None:
        OUT.print("endpoint: none runs")
        return
    told = client.model(served.url)
    OUT.print(f"endpoint: {served.url} serves version {told['version']}")
    OUT.print(f"          dataset {told['dataset_md5']}, code {told['git_revision']}")


def answer(told: dict[str, Any]) -> None:
    """Print the endpoint's answer for one object."""
    table = Table("class", title=f"{told['id']}: {told['decision']}")
    table.add_column("probability", justify="right")
    for name, share in sorted(told["probabilities"].items(), key=lambda item: -item[1]):
        table.add_row(name, f"{share:.3f}")
    OUT.print(table)
    odd(told["anomaly"])
    OUT.print(f"from {told['points']} points, by {told['url']}")
    OUT.print(f"model version {told['model_version']}, dataset {told['dataset_md5']}")
    OUT.print(f"prediction {told['prediction_id']}; why: `starloop explain {told['prediction_id']}`", soft_wrap=True)


def odd(anomaly: float | None) -> None:
    """Print how odd an object is, where that was told."""
    if anomaly is not None:
        OUT.print(f"odder than {anomaly:.1%} of the objects the model learned from")


def drift(told: dict[str, Any], page: Path) -> None:
    """Print the drift verdict, and where the page of all nights is."""
    OUT.print(f"drift on {told['night']}: {told['kind']}; event: {told['event'] or 'none'}")
    if named := told["what"] + told["archives"] + told["bands"]:
        OUT.print(f"  about: {', '.join(named)}")
    for reason in told["reasons"]:
        OUT.print(f"  - {reason}", soft_wrap=True)
    OUT.print(f"every night and measure: {page}", soft_wrap=True)


def addresses(told: dict[str, str]) -> None:
    """Print the stack's addresses."""
    if not told:
        OUT.print("nothing runs: start the stack with `make up`")
    for name, url in told.items():
        OUT.print(f"{name:<16} {url}", soft_wrap=True)


def stopped(names: list[str]) -> None:
    """Print what was stopped."""
    OUT.print(f"stopped: {', '.join(names)}" if names else "nothing was running")
