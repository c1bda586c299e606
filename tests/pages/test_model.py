"""The page ``/model``; the registry itself is tested where it lives."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from starloop.drift import trend
from starloop.drift.params import DriftParams
from starloop.endpoint.guard import Guarding
from starloop.errors import RegistryDown
from starloop.model.promotions import Promotion
from starloop.nights.store import Home, write_json
from starloop.pages.app import create
from starloop.settings import Settings
from starloop.workspace import Workspace
from tests.unit.nights import NIGHT, bundle, whole


class Told:
    """A registry with two versions, of which the second is the champion."""

    def aliases(self) -> dict[str, int]:
        return {"champion": 2, "previous": 1}

    def history(self) -> list[Promotion]:
        def entry(number: int, old: int | None, why: str) -> Promotion:
            when = f"2020-06-0{number}T08:15:30+00:00"
            return Promotion(number, old, number, "vera", why, when, number - 1, f"t{number}", followed=True)

        return [entry(1, None, "first champion"), entry(2, 1, "drift of <the> sky")]

    def versions(self) -> dict[int, dict[str, str]]:
        judged = {"verdict": "promoted", "labelled": "120", "why": "drift", "reasons": "better\nno class lost"}
        return {1: {"night": "2020-05-01"}, 2: {"night": "2020-06-01", **judged}}


class Silent(Told):
    """A registry that does not answer."""

    def aliases(self) -> dict[str, int]:
        raise RegistryDown("the registry at http://127.0.0.1:1 does not answer (ConnectError)")


@dataclass(frozen=True)
class Desk(Workspace):
    """A workspace with a registry at hand."""

    told: Any = None

    def registry(self) -> Any:
        return self.told


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home whose champion is version 2."""
    home = whole(Home(tmp_path))
    facts = bundle("a" * 64, "2020-06-01", 0.741)
    facts["metrics"] |= {"constant_macro_f1": 0.05, "rounds": 80, "label_noise": {"SNIa": 0.031}}
    more = {
        "thresholds": {"SNIa": 0.62},
        "features": ["g_mean", "r_mean"],
        "calibration": {"method": "vector"},
        "folded": {"TDE": "SNIa"},
        "dropped": {"EA": 7},
        "sky": "toy",
        "origin": "simulated",
        "dataset_md5": "d" * 32,
        "git_revision": "e" * 40,
        "feature_schema": "f" * 64,
    }
    write_json(facts | more, home.version(2) / "bundle.json")
    return home


def ask(home: Home, registry: object = None, **settings: Any) -> str:
    """Ask the desk of a home for the page."""
    place = Desk(Settings(**{"sky": "live", "mlflow_uri": "http://127.0.0.1:1"} | settings), None, home, registry)
    return TestClient(create(place, Guarding())).get("/model").text


def test_the_champion_is_told_with_its_metrics_and_thresholds(home: Home) -> None:
    page = ask(home, Told())
    assert "Model: version 2" in page
    assert "<strong>0.741</strong> on 40 held-out objects" in page
    assert "TDE → SNIa" in page
    assert "EA (7 labels)" in page
    row = re.search(r'<tr><th scope="row">SNIa</th>(<td>.*?)</tr>', page)
    assert row is not None
    assert re.findall(r"<td>(.*?)</td>", row[1]) == ["0.91", "0.80", "0.74", "21", "0.62", "3.1 %"]


def test_the_confusion_matrix_has_every_count_shaded_by_its_row(home: Home) -> None:
    cells = re.findall(r'<td class="shade-(\d)">(.*?)</td>', ask(home, Told()))
    assert cells == [("7", "17"), ("2", "4"), ("1", "2"), ("8", "17")]


def test_the_ledger_of_promotions_is_told_newest_first_and_escaped(home: Home) -> None:
    page = ask(home, Told())
    assert page.index("drift of &lt;the&gt; sky") < page.index("first champion")
    assert "2020-06-02 08:15" in page
    assert '<span class="chip good">champion</span>' in page
    assert "<summary>better</summary><p>no class lost</p>" in page


def test_the_links_to_mlflow_carry_no_password(home: Home) -> None:
    page = ask(home, Told(), mlflow_uri="http://user:secret@mlflow.example:5000/")
    assert 'href="http://mlflow.example:5000/#/models/starloop/versions/2"' in page
    assert "secret" not in page


def test_with_the_registry_down_the_last_scoring_s_version_is_shown_and_why(home: Home) -> None:
    page = ask(home, Silent())
    assert "the registry at http://127.0.0.1:1 does not answer (ConnectError)" in page
    assert "Model: version 2" in page
    assert "or the registry does not answer" in page


def test_the_newest_model_s_card_is_not_called_the_champion_s(home: Home) -> None:
    assert "card of the newest model, of 2020-06-10" in ask(home, Told())
    (home.model / "bundle.json").write_bytes((home.version(2) / "bundle.json").read_bytes())
    assert '<a href="/tonight/evaluation/card.html">model card</a>' in ask(home, Told())


def test_drift_is_drawn_night_by_night(home: Home) -> None:
    assert "No night was compared" in ask(home, Told())
    sign = {"what": "features", "name": "distance", "group": "periods", "value": 0.4, "noise": 0.01, "objects": 90}
    night = {"night": str(NIGHT), "objects": 90, "measures": [sign | {"archive": None, "band": None}]}
    verdict = {"kind": "sky", "reasons": ["periods moved"], "nights": [str(NIGHT)]}
    empty = {"archives": [], "bands": [], "what": []}
    write_json({"verdict": verdict | empty, "nights": [night]}, home.drift(NIGHT) / "verdict.json")
    write_json({}, home.root / "params.yaml")
    trend.write(home, DriftParams())
    page = ask(home, Told())
    assert f'<span class="sky" title="{NIGHT}: sky"></span>' in page
    assert "distance, periods" in page
    assert f"<title>{NIGHT}: +0.4, 90 objects</title>" in page


def test_before_the_first_training_the_page_says_what_to_run_and_makes_no_registry(tmp_path: Path) -> None:
    home = Home(tmp_path)
    page = TestClient(create(Workspace(Settings(sky="live"), None, home), Guarding())).get("/model").text
    assert "There is no champion yet" in page
    assert not home.mlflow_db.exists()
