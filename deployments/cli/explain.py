"""The command that explains one prediction, and what it prints."""

import json
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table


def add(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(explain)


def explain(
    prediction_id: Annotated[
        str, typer.Argument(help="From a night's predictions, or from an answer of the endpoint.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Tell why a prediction came out as it did: features, model version, data set, archive requests."""
    from starloop import workspace
    from starloop.explain import explain as why

    told = why(workspace.current(), prediction_id)
    if as_json:
        typer.echo(json.dumps(told, indent=1, ensure_ascii=False))
    else:
        _show(told)


def _show(told: dict[str, Any]) -> None:
    from deployments.cli.show import OUT, odd

    asked, model = told["asked"], told["model"]
    when = f"the night {asked['night']}" if asked["of"] == "night" else f"the endpoint, {asked['answered_at']}"
    OUT.print(f"prediction {told['prediction_id']}: {escape(asked['oid'])}, asked by {when}", soft_wrap=True)
    OUT.print(_answer(told["answer"]))
    odd(told["answer"]["anomaly"])
    if told["deciding"]:
        OUT.print(_deciding(told["deciding"], told["answer"]["best"]))
    OUT.print(f"model version {model['version']}, trained on {model['sky']} ({model['origin']}) up to {model['night']}")
    OUT.print(f"  code {model['git_revision']}, feature schema {model['feature_schema'][:12]}", soft_wrap=True)
    _show_dataset(told["dataset"])
    if told["object"]:
        _show_object(told["object"], asked["oid"], told["dataset"]["nights"])
    for note in told["notes"]:
        OUT.print(f"note: {escape(note)}", soft_wrap=True)


def _answer(answer: dict[str, Any]) -> Table:
    table = Table("class", title=f"Decision: {answer['decision']}", box=SIMPLE_HEAD)
    table.add_column("probability", justify="right")
    table.add_column("threshold", justify="right")
    for name, share in sorted(answer["probabilities"].items(), key=lambda item: -item[1]):
        table.add_row(name, f"{share:.3f}", f"{answer['threshold']:.3f}" if name == answer["best"] else "")
    return table


def _deciding(features: list[dict[str, Any]], best: str) -> Table:
    table = Table("feature", title=f"What decided for or against {best}", box=SIMPLE_HEAD)
    for name in ("value", "log odds", "quantile in training"):
        table.add_column(name, justify="right")
    for one in features:
        value = "missing" if one["value"] is None else f"{one['value']:.6g}"
        quantile = "" if one["quantile"] is None else f"{one['quantile']:.3f}"
        table.add_row(one["feature"], value, f"{one['contribution']:+.3f}", quantile)
    return table


def _show_dataset(dataset: dict[str, Any]) -> None:
    from deployments.cli.show import OUT

    OUT.print(f"data set {dataset['md5']}", soft_wrap=True)
    if nights := dataset["nights"]:
        OUT.print(f"  of {len(nights)} night{'s' if len(nights) > 1 else ''}, {nights[0]} to {nights[-1]}")
    if dataset["lock"]:
        OUT.print(f"  restored by {dataset['lock']}: copy it to dvc.lock, then `dvc checkout`", soft_wrap=True)
    if dataset["archives"]:
        OUT.print(_asked(dataset["archives"], "Archive requests of the data set's nights"))


def _show_object(told: dict[str, Any], oid: str, shown: list[str] | None) -> None:
    from deployments.cli.show import OUT

    table = Table("table", title=f"What came for {oid} in the night {told['night']}", box=SIMPLE_HEAD)
    for heading in ("received", "accepted"):
        table.add_column(heading, justify="right")
    table.add_column("from")
    for name, rows in told["tables"].items():
        numbers = ("-" if rows[key] is None else f"{rows[key]:,}" for key in ("received", "accepted"))
        table.add_row(name, *numbers, ", ".join(rows["from"]))
    OUT.print(table)
    for match in told["matches"]:
        OUT.print(f"  {match['archive']}: {match['identifier']}, {match['arcsec']:.2f} arcsec away", soft_wrap=True)
    for source, reason in told["failures"].items():
        OUT.print(f"  {source} failed: {escape(reason)}", soft_wrap=True)
    if shown != [told["night"]]:
        OUT.print(_asked(told["archives"], f"Archive requests of the night {told['night']}"))


def _asked(archives: dict[str, dict[str, Any]], title: str) -> Table:
    table = Table("archive", title=title, box=SIMPLE_HEAD)
    for name in ("requests", "MB"):
        table.add_column(name, justify="right")
    table.add_column("where", overflow="fold")
    for name, cost in sorted(archives.items()):
        table.add_row(name, f"{cost['requests']:,}", f"{cost['received_bytes'] / 1e6:,.2f}", cost["url"])
    return table
