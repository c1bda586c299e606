"""The drift check of a home: the verdict that is kept, the pages, and what it refuses."""

import json
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from starloop.drift.check import check
from starloop.drift.reading import read
from starloop.errors import BadInput, OldModel
from starloop.nights.calendar import Night
from starloop.nights.ledger import Counts, Ledger
from starloop.nights.store import Home, write_table
from tests.model.drifting import KINDS, PARAMS, described, objects, tables

ROWS = tables()


def champion(reference: dict[str, Any] | None = None) -> Any:
    """A champion's bundle, as far as the check knows one: it answers with the most probable class."""
    return SimpleNamespace(
        reference=described() if reference is None else reference,
        metrics={"accuracy": 0.9},
        classes=KINDS,
        answers=lambda shares: np.argmax(shares, axis=1),
        trained_as={name: name for name in KINDS}.get,
    )


def score(home: Home, day: int, **how: Any) -> Night:
    """Leave in the home what a scored night leaves, its rows as on the night before."""
    night = Night.parse(f"2020-06-{day}")
    features, told = objects(day, **how)
    write_table(features, home.features / f"{night}.parquet")
    write_table(answers(told), home.predictions(night))
    for name, rows in ROWS.items():
        later = pa.array(rows["mjd"].to_numpy() + (night.begin - Night.parse("2020-06-20").begin))
        write_table(rows.set_column(rows.column_names.index("mjd"), "mjd", later), home.good(night) / f"{name}.parquet")
    return night


def answers(told: pa.Table) -> pa.Table:
    """Give predictions as a night keeps them."""
    sure, decision = told["confidence"].to_numpy(), np.array(told["decision"].to_pylist())
    shares = {f"p_{name}": np.where(decision == name, sure, (1 - sure) / 2) for name in KINDS}
    return pa.table({"oid": told["oid"], "decision": told["decision"], **shares})


class Links(HTMLParser):
    """Collects everything a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in {"src", "href"}]


def test_the_check_keeps_its_verdict_and_shows_pages_only_when_something_moved(tmp_path: Path) -> None:
    home, bundle = Home(tmp_path), champion()
    for day in (18, 19):
        quiet = score(home, day)
    assert check(home, quiet, bundle, PARAMS).kind == "none"
    assert [path.name for path in home.drift(quiet).iterdir()] == ["verdict.json"]
    for day in (20, 21):
        changed = score(home, day, shares=[0.8, 0.15, 0.05], shift=1.0)
    assert check(home, changed, bundle, PARAMS).kind == "sky"
    pages = ["2020-06-20.html", "2020-06-21.html"]
    assert sorted(path.name for path in home.drift(changed).iterdir()) == [*pages, "verdict.json"]
    kept = json.loads((home.drift(changed) / "verdict.json").read_text())
    assert (kept["verdict"]["kind"], len(kept["nights"])) == ("sky", 3)
    page = (tmp_path / "drift" / "index.html").read_text()
    links = Links()
    links.feed(page)
    assert links.found == [f"{changed}/{name}" for name in pages]
    for told in ("2020-06-19", "2020-06-21", "1 sky", "1 none", "class shares, answers", "features, g statistics"):
        assert told in page
    assert check(home, quiet, bundle, PARAMS).kind == "none"


def test_the_same_nights_give_the_same_bytes(tmp_path: Path) -> None:
    told = []
    for folder in ("one", "two"):
        home = Home(tmp_path / folder)
        night = score(home, 19)
        check(home, night, champion(), PARAMS)
        told.append([(home.root / "drift" / name).read_bytes() for name in ("index.html", f"{night}/verdict.json")])
    assert told[0] == told[1]


@pytest.mark.parametrize("gone", ["features", "rows"])
def test_a_scored_night_whose_data_are_gone_is_refused(gone: str, tmp_path: Path) -> None:
    home = Home(tmp_path)
    night = score(home, 18)
    lost = home.features / f"{night}.parquet" if gone == "features" else home.good(night) / "releases.parquet"
    lost.unlink()
    with pytest.raises(BadInput, match="is missing though the night was scored"):
        check(home, night, champion(), PARAMS)


def test_a_scored_object_without_features_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path)
    night = score(home, 18)
    features, _ = objects(18)
    write_table(features.slice(3), home.features / f"{night}.parquet")
    with pytest.raises(BadInput, match="lack 3 of the objects"):
        check(home, night, champion(), PARAMS)


def test_a_champion_described_by_earlier_code_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OldModel, match="train again"):
        check(Home(tmp_path), Night.parse("2020-06-18"), champion({"features": {}}), PARAMS)


def test_labels_that_came_after_the_training_and_rejected_rows_are_read(tmp_path: Path) -> None:
    home = Home(tmp_path)
    night = score(home, 18)
    _, told = objects(18)
    labels = ["RRL", "QSO", "unheard of", None] * 60
    since = ["2020-06-15", "2020-06-15", "2020-06-15", None] * 30 + ["2020-06-05"] * 120
    write_table(pa.table({"oid": told["oid"], "label": labels, "since": since}), home.dataset)
    counts = Counts(requested=8, received=8, rows_received=80, accepted=76, quarantined=4)
    Ledger(night=str(night), sky="small", sources={"detections": counts}).save(home.ledger(night))
    seen = read(home, night, champion())
    assert seen.quarantined == {"detections": 0.05}
    assert seen.labelled is not None
    assert sorted(seen.labelled["truth"].to_pylist()) == ["QSO"] * 30 + ["RRL"] * 30
    assert set(seen.labelled["answer"].to_pylist()) <= set(KINDS)
