"""A home with scored nights, made by hand."""

from typing import Any

import pyarrow as pa

from starloop.nights.calendar import Night
from starloop.nights.ledger import Counts, Ledger
from starloop.nights.store import Home, write_json, write_table
from starloop.sky.tables import DETECTIONS, NON_DETECTIONS

NIGHT = Night.parse("2020-06-10")
CLASSES = ("SNIa", "RRL", "<QSO>")


def said(oid: str, decision: str, *shares: float, version: int = 2, anomaly: float | None = None) -> dict[str, Any]:
    """Give one prediction, as `starloop.model.score` writes it."""
    named = {f"p_{name}": share for name, share in zip(CLASSES, shares, strict=True)}
    told = {"oid": oid, "decision": decision, **named, "model_version": version, "prediction_id": f"id-{oid}"}
    return told if anomaly is None else told | {"anomaly": anomaly}


def score(home: Home, night: Night, rows: list[dict[str, Any]]) -> None:
    """Write a night's predictions."""
    write_table(pa.Table.from_pylist([row | {"night": str(night)} for row in rows]), home.predictions(night))


def observe(home: Home, night: Night, points: dict[str, int]) -> None:
    """Write the good rows and the counts of objects with so many detections each, one limit before them."""
    empty: dict[str, Any] = dict.fromkeys(DETECTIONS.names)
    rows = [
        empty
        | {"oid": oid, "candid": f"{oid}{epoch}", "mjd": night.begin - 2 * epoch + 0.2, "fid": 1 + epoch % 2}
        | {"magpsf": 18.0 + 0.1 * epoch, "sigmapsf": 0.08, "isdiffpos": 1.0, "corrected": False, "dubious": False}
        for oid, number in points.items()
        for epoch in range(number)
    ]
    limits = [{"oid": oid, "mjd": night.begin - 40.0, "fid": 2, "diffmaglim": 20.4} for oid in points]
    write_table(pa.Table.from_pylist(rows, schema=DETECTIONS), home.good(night) / "detections.parquet")
    write_table(pa.Table.from_pylist(limits, schema=NON_DETECTIONS), home.good(night) / "non_detections.parquet")
    counts = {
        "oid": list(points),
        "g_observation_count": list(points.values()),
        "r_observation_count": [0] * len(points),
    }
    kinds = [("oid", pa.string()), ("g_observation_count", pa.float32()), ("r_observation_count", pa.float32())]
    write_table(pa.table(counts, pa.schema(kinds)), home.features / f"{night}.parquet")


def bundle(booster: str, night: str, f1: float) -> dict[str, Any]:
    """Give the facts of a model version that a report reads."""
    figures = {"precision": 0.912, "recall": 0.8, "f1": f1, "support": 21}
    metrics = {
        "objects": 40, "macro_f1": f1, "accuracy": 0.8, "calibration_error": 0.021, "coverage": 0.9,
        "decided_accuracy": 0.85, "trained_on": 120, "classes": {"SNIa": figures},
        "confusion": {"classes": ["SNIa", "RRL"], "counts": [[17, 4], [2, 17]]},
    }  # fmt: skip
    return {"booster": booster, "night": night, "classes": ["SNIa"], "metrics": metrics}


def whole(home: Home) -> Home:
    """Fill a home with one night that has every part, and an earlier one."""
    counts = Counts(requested=8, received=8, rows_received=66, accepted=64, quarantined=1, duplicate=1)
    Ledger(night=str(NIGHT), sky="embedded", sources={"detections": counts}).save(home.ledger(NIGHT))
    expectations = [
        {"table": "detections", "name": "magpsf", "success": True, "unexpected": 0, "examples": []},
        {"table": "detections", "name": "sigmapsf", "success": False, "unexpected": 1, "examples": ["ZTF20a"]},
    ]
    tables = {"detections": counts.model_dump()}
    write_json({"night": str(NIGHT), "tables": tables, "expectations": expectations}, home.checks(NIGHT))
    observe(home, NIGHT, {f"ZTF20aaaaaa{letter}": 8 for letter in "abcdefgh"})
    score(home, NIGHT.back(2), [said("ZTF20aaaaaac", "SNIa", 0.7, 0.2, 0.1, version=1),
                                said("ZTF20aaaaaad", "uncertain", 0.4, 0.3, 0.3, version=1)])  # fmt: skip
    score(home, NIGHT, [
        said("ZTF20aaaaaaa", "SNIa", 0.98, 0.01, 0.01, anomaly=0.2),
        said("ZTF20aaaaaab", "uncertain", 0.36, 0.33, 0.31, anomaly=0.5),
        said("ZTF20aaaaaac", "<QSO>", 0.1, 0.1, 0.8, anomaly=0.3),
        said("ZTF20aaaaaad", "RRL", 0.1, 0.9, 0.0, anomaly=0.1),
        said("ZTF20aaaaaae", "RRL", 0.2, 0.7, 0.1, anomaly=0.997),
    ])  # fmt: skip
    write_json(bundle("b" * 64, "2020-06-10", 0.852), home.model / "bundle.json")
    write_json(bundle("a" * 64, "2020-06-01", 0.741), home.version(2) / "bundle.json")
    lengths = [{"days": "16", "accuracy": 0.5, "macro_f1": 0.44}, {"days": "all", "accuracy": 0.8, "macro_f1": 0.73}]
    write_json({"by_length": lengths}, home.evaluation / "metrics.json")
    (home.evaluation / "card.html").write_text("<style></style>card")
    verdict = {"kind": "sky", "nights": ["2020-06-09", "2020-06-10"], "reasons": ["60% of the features drifted"]}
    write_json({"verdict": verdict}, home.drift(NIGHT) / "verdict.json")
    home.data_docs.mkdir(exist_ok=True)
    (home.data_docs / f"{NIGHT}.html").write_text("docs")
    return home
