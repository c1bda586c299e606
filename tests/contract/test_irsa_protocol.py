"""IRSA's light-curve service, asked over plain HTTP."""

import io
from typing import Any

import httpx
import pandas as pd
import pytest
from astropy.io import ascii as text_tables
from astropy.io import votable

from starloop.sky.server.host import Served
from starloop.sky.tables import RELEASES, Sky


@pytest.fixture(scope="module")
def star(small_sky: Sky) -> Any:
    """All epochs of the object that has most."""
    epochs = small_sky.read("releases").to_pandas()
    return epochs[epochs["query"] == epochs["query"].value_counts().idxmax()].sort_values(["oid", "mjd"])


def _ask(served: Served, **parameters: Any) -> httpx.Response:
    return httpx.get(served.archives.irsa.url, params=parameters)


def _csv(served: Served, **parameters: Any) -> pd.DataFrame:
    answer = _ask(served, FORMAT="CSV", **parameters)
    assert answer.status_code == 200, answer.text
    return pd.read_csv(io.StringIO(answer.text), float_precision="round_trip")


def _circle(star: Any) -> str:
    return f"CIRCLE {star['ra'].iloc[0]} {star['dec'].iloc[0]} 0.0006"


def test_csv_has_irsas_columns_and_values(served: Served, star: Any) -> None:
    told = _csv(served, POS=_circle(star))
    assert list(told.columns) == [name for name in RELEASES.names if name != "query"]
    assert told["oid"].tolist() == star["oid"].tolist()
    assert told["mag"].tolist() == pytest.approx(star["mag"].tolist(), nan_ok=True)
    assert {str(told[name].dtype) for name in ("oid", "expid", "filefracday", "ccdid", "qid")} == {"int64"}


def test_three_formats_say_the_same(served: Served, star: Any) -> None:
    told = _csv(served, POS=_circle(star))
    ipac = text_tables.read(_ask(served, POS=_circle(star), FORMAT="IPAC_TABLE").text, format="ipac")
    xml = _ask(served, POS=_circle(star), FORMAT="VOTABLE").content
    table = votable.parse_single_table(io.BytesIO(xml)).to_table()
    assert list(ipac.colnames) == list(table.colnames) == list(told.columns)
    assert list(ipac["mjd"]) == list(table["mjd"]) == told["mjd"].tolist()


def test_band_flags_time_and_number_filter(served: Served, star: Any) -> None:
    assert set(_csv(served, POS=_circle(star), BANDNAME="g")["filtercode"]) == {"zg"}
    good = _csv(served, POS=_circle(star), BAD_CATFLAGS_MASK=32768)
    assert len(good) == int(((star["catflags"] & 32768) == 0).sum())
    middle = float(star["mjd"].median())
    early = _csv(served, POS=_circle(star), TIME=f"58000 {middle}")
    assert len(early) == int((star["mjd"] <= middle).sum())
    assert len(_csv(served, POS=_circle(star), NOBS_MIN=100_000)) == 0


def test_object_numbers_repeat_or_come_with_commas(served: Served, star: Any) -> None:
    oids = sorted(set(star["oid"]))
    joined = _csv(served, ID=",".join(map(str, oids)))
    assert joined["oid"].tolist() == _csv(served, ID=oids)["oid"].tolist() == star["oid"].tolist()


def test_nothing_there_is_a_header_alone(served: Served) -> None:
    answer = _ask(served, POS="CIRCLE 10 89 0.001", FORMAT="CSV")
    assert answer.text.splitlines() == [",".join(name for name in RELEASES.names if name != "query")]


@pytest.mark.parametrize(
    "parameters",
    [
        {"POS": "BOX 1 2 3"},
        {"POS": "CIRCLE 1 2 0.5"},
        {"POS": "CIRCLE 1 x 0.1"},
        {"ID": "first"},
        {},
        {"POS": "CIRCLE 1 2 0.1", "FORMAT": "JSON"},
        {"POS": "CIRCLE 1 2 0.1", "BANDNAME": "u"},
        {"POS": "CIRCLE 1 2 0.1", "NOBS_MIN": "few"},
        {"POS": "CIRCLE 1 2 0.1", "NOBS_MIN": "inf"},
        {"POS": "CIRCLE 1 2 0.1", "COLOUR": "1"},
    ],
)
def test_a_wrong_parameter_is_a_usage_fault(served: Served, parameters: dict[str, str]) -> None:
    answer = _ask(served, **parameters)
    assert answer.status_code == 400
    assert answer.text.startswith("UsageFault: ")
    assert len(answer.text.splitlines()) == 1
