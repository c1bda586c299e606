"""What the server says every archive must give is what it gives, on every night."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pandas as pd
import pyarrow.parquet as pq
import pytest

from starloop.archives.config import Archives, ArchiveSettings, Canaries
from starloop.nights.calendar import Night
from starloop.sky.server.host import Served, serving
from starloop.sky.tables import TABLES, Sky, open_sky

EARLY, LATE = Night.parse("2020-01-20"), Night.parse("2020-06-01")


@pytest.fixture(scope="module")
def moving(small_sky: Sky) -> Iterator[Served]:
    """The small sky, for tests that move its clock first."""
    with serving(small_sky, None) as server:
        yield server


def _portal(archives: Archives, service: str, params: dict[str, object]) -> list[dict[str, object]]:
    asked = {"request": json.dumps({"service": service, "params": params})}
    rows: list[dict[str, object]] = httpx.post(f"{archives.mast.url}/api/v0/invoke", data=asked).json()["data"]
    return rows


def _detections(archives: Archives) -> int:
    answer = httpx.get(f"{archives.alerce.url}/ztf/v1/objects/{archives.canaries.oid}/detections")
    return len(answer.json()) if answer.status_code == 200 else 0


def _epochs(archives: Archives) -> int:
    ra, dec = archives.canaries.epochs or (0, 0)
    answer = httpx.get(archives.irsa.url, params={"POS": f"CIRCLE {ra:.6f} {dec:.6f} 0.0004", "FORMAT": "CSV"})
    return len(pd.read_csv(io.StringIO(answer.text)))


@pytest.mark.parametrize("night", [EARLY, LATE, None], ids=str)
def test_alerce_and_irsa_give_their_canaries_on_every_night(moving: Served, night: Night | None) -> None:
    moving.move(night)
    archives = moving.archives
    assert _detections(archives) > 0
    assert _epochs(archives) > 0


def test_a_canary_of_one_night_is_there_on_later_nights(moving: Served) -> None:
    moving.move(EARLY)
    early = moving.archives
    moving.move(LATE)
    assert _detections(early) > 0
    assert _epochs(early) > 0
    assert moving.archives.canaries.oid == early.canaries.oid


def test_the_object_is_the_one_detected_first(served: Served, small_sky: Sky) -> None:
    rows = small_sky.read("detections").to_pandas()
    assert served.archives.canaries.oid == rows.sort_values(["mjd", "oid"])["oid"].iloc[0]


def test_the_position_is_that_of_an_object_with_epochs(served: Served, small_sky: Sky) -> None:
    epochs = small_sky.read("releases").to_pandas().sort_values(["mjd", "query"])
    objects = small_sky.read("objects").to_pandas().set_index("oid")
    assert served.archives.canaries.epochs == tuple(objects.loc[epochs["query"].iloc[0], ["ra", "dec"]])


def test_mast_gives_the_star_and_its_light_curve(served: Served) -> None:
    archives = served.archives
    ra, dec = archives.canaries.star or (0, 0)
    nearest = _portal(archives, "Mast.Catalogs.TIC.Cone", {"ra": ra, "dec": dec, "radius": 2 / 3600})[0]
    assert float(str(nearest["dstArcSec"])) < 0.01
    files = _portal(
        archives,
        "Mast.Caom.Filtered",
        {
            "filters": [
                {"paramName": "target_name", "values": [f"{archives.canaries.tic:09d}"]},
                {"paramName": "provenance_name", "values": ["SPOC"]},
            ]
        },
    )
    assert len(files) == 1


def test_there_is_no_star_with_a_light_curve_before_the_first_sector_ends(moving: Served, small_sky: Sky) -> None:
    row = small_sky.read("tess").to_pylist()[0]
    ends = Night.at(row["t_max"])
    moving.move(ends.back(1))
    assert moving.archives.canaries.tic is None
    moving.move(ends)
    assert moving.archives.canaries.tic == row["tic"]


def test_each_catalogue_gives_its_entry(served: Served, small_sky: Sky) -> None:
    archives = served.archives
    catalogues = set(small_sky.read("catalogues")["catalogue"].to_pylist())
    assert set(archives.canaries.entries) == {name for name in catalogues if "/" in name}
    for name, (ra, dec) in archives.canaries.entries.items():
        circle = f"CONTAINS(POINT('ICRS',RAJ2000,DEJ2000),CIRCLE('ICRS',{ra},{dec},0.0001))"
        query = f'SELECT * FROM "{name}" WHERE 1={circle}'  # noqa: S608 - no database
        answer = httpx.post(f"{archives.tap.url}/sync", data={"QUERY": query, "FORMAT": "csv"})
        assert len(answer.text.splitlines()) == 2


def test_the_transient_is_in_the_survey(served: Served) -> None:
    archives = served.archives
    assert archives.canaries.transient in pd.read_csv(io.StringIO(httpx.get(archives.bts.url).text))["ZTFID"].tolist()


def test_an_empty_sky_has_no_canary(small_sky: Sky, tmp_path: Path) -> None:
    for name, schema in TABLES.items():
        pq.write_table(schema.empty_table(), tmp_path / f"{name}.parquet")
    (tmp_path / "sky.json").write_bytes((small_sky.folder / "sky.json").read_bytes())
    with serving(open_sky(tmp_path), None) as server:
        assert server.archives.canaries == Canaries(
            oid=None, epochs=None, star=None, tic=None, entries={}, transient=None
        )


def test_the_settings_can_be_fetched_and_hold_no_credentials(moving: Served) -> None:
    moving.move(LATE)
    told = httpx.get(f"{moving.url}/archives").json()
    assert Archives.model_validate(told) == moving.archives
    assert "credentials" not in told
    moving.misbehave([{"fault": "http-502", "rate": 1}])
    assert httpx.get(f"{moving.url}/archives").json() == told
    moving.misbehave([])


def test_the_addresses_are_those_the_client_reaches_the_server_by(served: Served) -> None:
    by_name = served.url.replace("127.0.0.1", "localhost")
    archives = Archives.model_validate(httpx.get(f"{by_name}/archives").json())
    assert archives.irsa == ArchiveSettings(
        url=f"{by_name}/cgi-bin/ZTF/nph_light_curves", rate_per_s=None, connections=8, deadline_s=20
    )


def test_a_recorded_sky_has_every_canary(recorded: Served) -> None:
    archives = recorded.archives
    assert _detections(archives) > 0
    assert _epochs(archives) > 0
    assert None not in archives.canaries.model_dump().values()
