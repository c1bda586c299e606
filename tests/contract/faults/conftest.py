"""A tiny sky, written by hand, behind a server whose archives misbehave."""

import json

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from starloop.sky.server.host import serving
from starloop.sky.tables import TABLES, open_sky
from tests.contract.faults.asking import EPOCHS, FILE, OBJECTS

ROWS = {
    "objects": [{"oid": f"ZTF20aaaaaa{n}", "ra": 10.0 + n, "dec": 5.0, "tic": 7 + n} for n in range(OBJECTS)],
    "detections": [
        {
            "oid": f"ZTF20aaaaaa{n}",
            "candid": str(100 * n + epoch),
            "mjd": 58900.0 + epoch,
            "fid": 1,
            "magpsf": 18.5,
            "sigmapsf": 0.1,
            "magpsf_corr": 17.5 if n else None,
            "sigmapsf_corr": 0.05 if n else None,
            "rb": 0.9,
            "ra": 10.0 + n,
            "dec": 5.0,
            "corrected": bool(n),
        }
        for n in range(OBJECTS)
        for epoch in range(EPOCHS)
    ],
    "non_detections": [
        {"oid": "ZTF20aaaaaa0", "mjd": 58890.0 + night, "fid": 2, "diffmaglim": 20.0} for night in range(3)
    ],
    "releases": [
        {"oid": 1000 + n, "expid": 1.0, "mjd": 58900.0 + epoch, "mag": 17.5, "ra": 10.0 + n, "dec": 5.0}
        for n in range(OBJECTS)
        for epoch in range(EPOCHS)
    ],
    "tess": [
        {"obs_id": "tess-7", "tic": 7, "sector": 1, "exptime": 120.0, "author": "SPOC", "filename": FILE}
        | {"ra": 10.0, "dec": 5.0, "t_min": 58800.0, "t_max": 58827.0, "size": 4000}
    ],
    "catalogues": [
        {
            "catalogue": name,
            "name": f"V{n} <&> Ori",
            "ra": 10.0 + n,
            "dec": 5.0,
            "type": "RRAB",
            "oid": f"ZTF20aaaaaa{n}",
        }
        for name in ("B/vsx/vsx", "BTS")
        for n in range(OBJECTS)
    ],
}


@pytest.fixture(scope="module")
def tiny_sky(tmp_path_factory):
    """Six objects, written by hand."""
    folder = tmp_path_factory.mktemp("skies") / "tiny"
    (folder / "tess").mkdir(parents=True)
    for name, schema in TABLES.items():
        pq.write_table(pa.Table.from_pylist(ROWS[name], schema=schema), folder / f"{name}.parquet")
    (folder / "tess" / FILE).write_bytes(bytes(range(250)) * 16)
    facts = {"name": "tiny", "origin": "simulated", "first_mjd": 58800.0, "last_mjd": 58904.0}
    (folder / "sky.json").write_text(json.dumps(facts))
    return open_sky(folder)


@pytest.fixture(scope="module")
def running(tiny_sky):
    with serving(tiny_sky, None) as server:
        yield server


@pytest.fixture
def archive(running):
    """A client of the server, whose faults are gone after the test."""
    with httpx.Client(base_url=running.url, timeout=5) as client:
        yield client
    running.misbehave([])
