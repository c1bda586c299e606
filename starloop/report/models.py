"""A challenger's held-out metrics beside the champion's."""

from collections.abc import Mapping
from typing import Any

from starloop.nights.store import Home
from starloop.report.reading import read

SUMMARY = ("macro_f1", "accuracy", "coverage", "decided_accuracy", "calibration_error", "objects")
OF_A_CLASS = ("precision", "recall", "f1", "support")


def compared(home: Home, champion: int | None, gate: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Set the models of a night side by side.

    Parameters
    ----------
    home : Home
        Its newest model and the versions that were fetched are read.
    champion : int or None
        The version that answered for the night.
    gate : mapping or None
        What the gate said, where a challenger was judged; it names the champion of that moment.

    Returns
    -------
    dict or None
        ``champion`` and ``challenger``, each a summary (`SUMMARY`, ``version``, ``night``) or None; ``classes``, a row
        a class with both models' `OF_A_CLASS` or None; ``same``: the gate's numbers, which both have on the very same
        objects, with the ``recall`` of each class, or None; and ``by_length``, of the newest model. None where no model
        was trained.
    """
    seen = judged(gate)
    of_then = seen["previous"] if seen else champion
    older = _bundle(home, of_then)
    newer = read(home.model / "bundle.json")
    if newer is None and older is None:
        return None
    if newer and older and newer["booster"] == older["booster"]:
        newer = None
    both = {"champion": _summary(older, of_then), "challenger": _summary(newer, seen["version"] if seen else None)}
    bundles = {"champion": older, "challenger": newer}
    tested = {who: one["metrics"]["classes"] if one else {} for who, one in bundles.items()}
    names = dict.fromkeys([name for one in (older, newer) if one for name in one["classes"]])
    evaluation = read(home.evaluation / "metrics.json") or {}
    return {
        **both,
        "classes": [{"class": name, **{who: figures.get(name) for who, figures in tested.items()}} for name in names],
        "same": _same(seen["scores"]) if seen else None,
        "by_length": evaluation.get("by_length", []),
    }


def judged(gate: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Give what the gate said where a challenger came before it; None where nothing was trained."""
    return gate if gate and "scores" in gate else None


def _bundle(home: Home, version: int | None) -> dict[str, Any] | None:
    return None if version is None else read(home.version(version) / "bundle.json")


def _summary(bundle: Mapping[str, Any] | None, version: int | None) -> dict[str, Any] | None:
    if bundle is None:
        return None
    figures = {name: bundle["metrics"].get(name) for name in SUMMARY}
    return {"version": version, "night": bundle["night"], "trained_on": bundle["metrics"].get("trained_on"), **figures}


def _same(scores: Mapping[str, Any]) -> dict[str, Any] | None:
    """Give the paired numbers; None where there was no champion to pair the challenger with."""
    if "champion_macro_f1" not in scores:
        return None
    numbers = {name: value for name, value in scores.items() if not name.endswith("_recall")}
    recalls = {who: scores[f"{who}_recall"] for who in ("challenger", "champion")}
    return {
        **numbers,
        "recall": [
            {"class": name, **{who: found.get(name) for who, found in recalls.items()}}
            for name in recalls["challenger"]
        ],
    }
