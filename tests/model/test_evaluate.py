"""`starloop evaluate`: which objects the bar is about, and the exit codes."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from deployments.cli import app
from starloop import settings
from starloop.errors import BadInput
from starloop.evaluation import bar, report
from starloop.evaluation.answers import Answers
from starloop.evaluation.bar import Condition
from starloop.evaluation.intervals import Interval
from starloop.sky.simulator import embedded
from starloop.sky.tables import TABLES, Sky, open_sky


def sky(folder: Path, types: dict[str, str], detections: dict[str, tuple[int, int]]) -> Sky:
    """Make a sky of some objects: a type each, and detections in g and in r."""
    folder.mkdir()
    rows = [
        {"oid": oid, "mjd": 59_000.0 + number, "fid": fid}
        for oid, counts in detections.items()
        for fid, count in enumerate(counts, start=1)
        for number in range(count)
    ]
    entries = [{"catalogue": "BTS", "name": oid, "type": word, "oid": oid} for oid, word in types.items()]
    filled = {"detections": rows, "catalogues": entries}
    for table, schema in TABLES.items():
        pq.write_table(pa.Table.from_pylist(filled.get(table, []), schema), folder / f"{table}.parquet")
    told = {"name": "made", "origin": "recorded", "first_mjd": 59_000.0, "last_mjd": 59_100.0}
    (folder / "sky.json").write_text(json.dumps(told))
    return open_sky(folder)


WORDS = {"SNIa": "SN Ia", "SNII": "SN IIP", "SNIIn": "SN IIn", "SNIbc": "SN IIb", "SLSN": "SLSN-II"}


def test_the_bar_is_about_typed_supernovae_with_five_detections_in_each_band(tmp_path: Path) -> None:
    oids = {f"{name}{number}": word for name, word in WORDS.items() for number in range(10)}
    others = {"nova": "nova", "faint": "SN Ia", "green": "SN Ia", "unseen": "SN Ia", "unknown": "-"}
    seen = dict.fromkeys([*oids, "nova", "unknown"], (5, 6)) | {"faint": (4, 20), "green": (20, 0)}
    found = bar.objects(sky(tmp_path / "sky", oids | others, seen))
    assert found == {oid: oid[:-1] for oid in oids}


def test_a_sky_with_too_few_of_a_class_is_refused(tmp_path: Path) -> None:
    oids = {f"{name}{number}": word for name, word in WORDS.items() for number in range(10)}
    del oids["SLSN3"]
    with pytest.raises(BadInput, match="has 9 SLSN with 5 detections in each of g and r, and 10 of every class"):
        bar.objects(sky(tmp_path / "sky", oids, dict.fromkeys(oids, (5, 5))))


def test_perfect_answers_meet_the_bar_and_constant_ones_do_not() -> None:
    truth = np.repeat(np.arange(5), [60, 20, 8, 8, 4])
    perfect = Answers(list(bar.CLASSES), truth, np.eye(5)[truth], truth)
    assert all(one.met for one in bar.conditions(perfect))
    constant = Answers(list(bar.CLASSES), truth, np.eye(5)[0 * truth], 0 * truth)
    assert not any(one.met for one in bar.conditions(constant))


@pytest.mark.parametrize(("value", "code"), [(0.63, 0), (0.61, 1)])
def test_a_missed_bar_is_exit_code_1(value: float, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = [Condition("macro-F1", Interval(value, 0.5, 0.7), 0.62, at_least=True)]
    monkeypatch.setattr(report, "write", lambda *given: told)
    made = sky(tmp_path / "sky", {}, {})
    monkeypatch.setattr(embedded, "embedded_sky", lambda cache: made)
    done = CliRunner().invoke(app, ["evaluate", "--sky", str(made.folder), "--out", str(tmp_path / "page.md")])
    assert done.exit_code == code
    assert ("MISSED" in done.stdout) == bool(code)
    assert f"{value:.3f} (0.500–0.700)" in done.stdout


def test_without_a_sky_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STARLOOP_RECORDED_SKY", raising=False)
    settings.load.cache_clear()
    done = CliRunner().invoke(app, ["evaluate"])
    settings.load.cache_clear()
    assert isinstance(done.exception, BadInput)
    assert done.exception.exit_code == 2
    assert "set STARLOOP_RECORDED_SKY" in str(done.exception)
