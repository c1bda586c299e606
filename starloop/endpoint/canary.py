"""A trial of a new version on a share of the real requests, before all of them go to it."""

import json
import math
import shutil
import statistics
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa

from starloop import processes
from starloop.endpoint import proxy
from starloop.endpoint.build import model_of
from starloop.endpoint.config import Canary
from starloop.endpoint.process import Served
from starloop.errors import NotPromoted
from starloop.model.bundle import UNCERTAIN, Classifier
from starloop.nights.store import Home, write_json

# Differences below it are the machine's.
SLACK_S = 0.05
SETTLE_S = 0.5
_POLL_S = 0.5


def watch(home: Home, old: Served, new: Served, limits: Canary) -> dict[str, Any]:
    """Let the new version answer a share of the requests, and compare it with the old one.

    Meanwhile a second proxy stands behind the first and deals the requests out; afterwards all of them go to the old
    version again, whatever was seen. Agreement: the old model decides again on the features that the new version
    logged with its answers.

    Returns
    -------
    dict
        What was seen, also kept in ``endpoint/canary.json``: answers, agreement (None where the two compute other
        features, or nothing was asked), errors and median seconds of both.

    Raises
    ------
    NotPromoted
        Says in what the new version is worse than its limits.
    """
    folder, port = home.endpoint / "runs" / "canary", processes.free_port()
    shutil.rmtree(folder, ignore_errors=True)
    logs = f"predictions-v{new.version}-*.jsonl"
    begins = {log: log.stat().st_size for log in home.answers.glob(logs)}
    both = [{"dial": urlsplit(one.own_url).netloc} for one in (old, new)]
    # Caddy deals out the whole weight of one before it turns to the next: the smallest weights mix the best.
    common = math.gcd(100, limits.share)
    weights = [(100 - limits.share) // common, limits.share // common]
    policy = {"policy": "weighted_round_robin", "weights": weights}
    configuration = proxy.config(port, both, logged=True, policy=policy)
    dealer = proxy.start("canary", folder, configuration, port, proxy.mark(home))
    try:
        proxy.point(home, dealer.url)
        until = time.monotonic() + limits.seconds
        while time.monotonic() < until and new.alive and len(_answered(home.answers, logs, begins)) < limits.answers:
            time.sleep(_POLL_S)
    finally:
        proxy.point(home, old.own_url)
        # A request that was on its way to the dealer arrives before the switch stops it.
        time.sleep(SETTLE_S)
    seen = _seen(home, old, new, _answered(home.answers, logs, begins), _lines(folder / "requests.log", 0))
    write_json(seen, home.endpoint / "canary.json")
    worse = _worse(seen, limits) + ([] if new.alive else [f"its process ended; see {new.log}"])
    if worse:
        raise NotPromoted(f"version {new.version} was refused on {limits.share} % of the requests: {'; '.join(worse)}")
    return seen


def _seen(
    home: Home, old: Served, new: Served, answers: list[dict[str, Any]], requests: list[dict[str, Any]]
) -> dict[str, Any]:
    asked = [one for one in requests if one.get("request", {}).get("uri") == "/classify"]
    seen: dict[str, Any] = {
        "version": new.version,
        "answers": len(answers),
        "agreement": _agreement(home, old, answers),
    }
    for name, served in (("old", old), ("new", new)):
        # One whose asker has gone before anybody was asked has no upstream.
        mine = [one for one in asked if one.get("upstream") == urlsplit(served.own_url).netloc]
        failed = sum(one["status"] >= 500 for one in mine)
        seen[name] = {
            "requests": len(mine),
            "errors": failed / len(mine) if mine else 0.0,
            "seconds": statistics.median(one["duration"] for one in mine) if mine else None,
        }
    return seen


def _answered(folder: Path, logs: str, begins: dict[Path, int]) -> list[dict[str, Any]]:
    return [line for log in sorted(folder.glob(logs)) for line in _lines(log, begins.get(log, 0))]


def _agreement(home: Home, old: Served, answers: list[dict[str, Any]]) -> float | None:
    judge = Classifier.load(model_of(home, old.tag))
    comparable = [one for one in answers if one["feature_schema"] == judge.bundle.feature_schema]
    if not comparable:
        return None
    names = judge.bundle.features
    features = pa.table({name: pa.array([one["features"][name] for one in comparable], pa.float32()) for name in names})
    decisions = judge.decide(judge.probabilities(features))
    same: list[bool] = [
        one["decision"] == (UNCERTAIN if one["too_few_points"] else decision)
        for one, decision in zip(comparable, decisions, strict=True)
    ]
    return sum(same) / len(same)


def _worse(seen: dict[str, Any], limits: Canary) -> list[str]:
    worse, old, new = [], seen["old"], seen["new"]
    if seen["agreement"] is not None and seen["agreement"] < limits.agreement:
        worse.append(
            f"the old version agrees with {seen['agreement']:.0%} of its answers, {limits.agreement:.0%} is asked"
        )
    if new["errors"] > old["errors"] + limits.errors:
        worse.append(f"{new['errors']:.1%} of its requests failed, {old['errors']:.1%} of the old version's")
    if old["seconds"] and new["seconds"] and new["seconds"] > limits.slower * old["seconds"] + SLACK_S:
        worse.append(f"its median answer takes {new['seconds']:.2f} s, the old version's {old['seconds']:.2f} s")
    return worse


def _lines(file: Path, begins: int) -> list[dict[str, Any]]:
    """Give the whole lines of a log from a byte on; from its first where it has been put aside meanwhile."""
    if not file.is_file():
        return []
    with file.open("rb") as opened:
        opened.seek(begins if file.stat().st_size >= begins else 0)
        return [json.loads(line) for line in opened if line.endswith(b"\n")]
