"""The numbers of a night's run, gathered once: the page, Prefect's artifacts and programs read the same."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from starloop.errors import Imbalance
from starloop.model.decision import UNCERTAIN
from starloop.nights.calendar import Night
from starloop.nights.ledger import COLUMNS, Ledger
from starloop.nights.store import Home, write_json
from starloop.report import models
from starloop.report.choices import WORTH, worth_a_look
from starloop.report.objects import scored
from starloop.report.reading import read

_OF_THE_RUN = ("sky", "origin", "champion", "gate", "models", "endpoint", "timings")
"""What only the run itself knows: kept, and told again when the page is written again."""


def path(home: Home, night: Night) -> Path:
    """Give the file beside the night's page that has its numbers as JSON."""
    return home.report(night).with_suffix(".json")


def gather(home: Home, night: Night, facts: dict[str, Any]) -> dict[str, Any]:
    """Gather a night's numbers and keep them beside its page.

    Parameters
    ----------
    home : Home
        Its ledger, checks, predictions, models, drift verdict and good rows are read where they are.
    night : Night
        The night.
    facts : dict
        What the run knows: ``sky`` and ``origin``; and where it has them ``gate`` and ``endpoint`` (JSON values),
        ``champion`` (a version) and ``seconds`` (step to seconds). What it does not name is taken from the run before.

    Returns
    -------
    dict
        JSON values: those (``seconds`` as ``timings``, a row a step), and ``ledger``, ``checks``, ``objects``,
        ``decisions``, ``models``, ``drift`` and ``worth``; None for what the night has not.

    Raises
    ------
    BadInput
        When the ledger is there and cannot be read.
    """
    of_run = dict.fromkeys(_OF_THE_RUN) | _of_run(read(path(home, night)) or {}) | _of_run(facts)
    objects = scored(home, night) if home.predictions(night).is_file() else None
    # What a gate has judged stays as it was judged: the newest model may be another one by now.
    if facts.get("gate") or not models.judged(of_run["gate"]) or not of_run["models"]:
        of_run["models"] = models.compared(home, of_run["champion"], of_run["gate"])
    told = {
        **of_run,
        "night": str(night),
        "mjd": [night.begin, night.end],
        "ledger": _ledger(home.ledger(night)),
        "checks": _checks(home, night),
        "objects": _objects(objects),
        "decisions": _decisions(objects),
        "drift": _drift(home, night),
        "worth": _worth(home.good(night), objects),
    }
    write_json(told, path(home, night))
    # Read again: what is written from the file later must not differ by the order of a dict.
    kept: dict[str, Any] = json.loads(path(home, night).read_text(encoding="utf-8"))
    return kept


def _of_run(facts: dict[str, Any]) -> dict[str, Any]:
    found = {name: facts[name] for name in _OF_THE_RUN if name in facts}
    if "seconds" in facts:
        found["timings"] = [{"step": step, "seconds": took} for step, took in facts["seconds"].items()]
    return found


def _ledger(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    ledger, fault = Ledger.load(path), None
    try:
        ledger.balance()
    except Imbalance as found:
        fault = str(found)
    return {"columns": list(COLUMNS), "rows": [list(row) for row in ledger.rows()], "fault": fault}


def _checks(home: Home, night: Night) -> dict[str, Any] | None:
    told = read(home.checks(night))
    if told is None:
        return None
    expectations = told["expectations"]
    every = Counter(one["table"] for one in expectations)
    met = Counter(one["table"] for one in expectations if one["success"])
    return {
        "total": len(expectations),
        "met": sum(met.values()),
        "tables": [
            {"table": table, "expectations": number, "met": met[table], **_rows(told["tables"].get(table, {}))}
            for table, number in sorted(every.items())
        ],
        "failed": [
            {"table": one["table"], "rule": one["name"], "rows": one["unexpected"], "examples": one["examples"]}
            for one in expectations
            if not one["success"]
        ],
    }


def _rows(counts: dict[str, int]) -> dict[str, int | None]:
    return {
        "rows": counts.get("rows_received"),
        "quarantined": counts.get("quarantined"),
        "duplicate": counts.get("duplicate"),
    }


def _objects(objects: pa.Table | None) -> dict[str, Any] | None:
    if objects is None:
        return None
    decisions = Counter(objects["decision"].to_pylist())
    news = Counter(one for one in objects["news"].to_pylist() if one is not None)
    return {
        "scored": objects.num_rows,
        "classified": objects.num_rows - decisions[UNCERTAIN],
        "news": dict(news) if news else None,
    }


def _decisions(objects: pa.Table | None) -> list[dict[str, Any]]:
    if objects is None:
        return []
    counts = Counter(objects["decision"].to_pylist())
    ranked = sorted(counts.items(), key=lambda item: (item[0] == UNCERTAIN, -item[1], item[0]))
    return [
        {"decision": name, "objects": number, "share": round(number / objects.num_rows, 4)} for name, number in ranked
    ]


def _drift(home: Home, night: Night) -> dict[str, Any] | None:
    told = read(home.drift(night) / "verdict.json")
    return None if told is None else told["verdict"]


def _worth(good: Path, objects: pa.Table | None) -> list[dict[str, Any]]:
    """Give the objects worth a look and why; of a night that was not scored, those with the most detections."""
    if objects is not None:
        names = ("oid", "decision", "probability", "prediction_id", "why")
        return [{name: row[name] for name in names} for row in worth_a_look(objects)]
    detections = good / "detections.parquet"
    if not detections.is_file():
        return []
    counts = Counter(pq.read_table(detections, columns=["oid"])["oid"].to_pylist())
    best = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:WORTH]
    nothing = dict.fromkeys(("decision", "probability", "prediction_id"))
    return [{"oid": oid, **nothing, "why": f"among the best observed: {number} detections"} for oid, number in best]
