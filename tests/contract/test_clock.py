"""The server's clock: nothing later than its night is seen, anywhere."""

import io
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import pandas as pd
import pytest
from fastapi import FastAPI

from starloop.errors import BadInput, StarloopError
from starloop.nights.calendar import Night
from starloop.sky.server import host
from starloop.sky.server.clock import Clock
from starloop.sky.server.host import Served, run, serving
from starloop.sky.tables import Sky

NIGHT = Night.parse("2020-03-01")


@pytest.fixture
def moving(small_sky: Sky) -> Iterator[Served]:
    with serving(small_sky, NIGHT) as server:
        yield server


def _objects(server: Served) -> dict[str, int]:
    items = httpx.get(f"{server.url}/ztf/v1/objects", params={"page_size": 1000}).json()["items"]
    return {item["oid"]: item["ndet"] for item in items}


def test_every_table_ends_with_the_night(small_sky: Sky) -> None:
    view = Clock(small_sky, NIGHT).view
    for name, table in (
        ("detections", view.detections.table),
        ("non_detections", view.non_detections.table),
        ("releases", view.releases.table),
    ):
        every = small_sky.read(name).to_pandas()
        assert len(table) == int((every["mjd"] < NIGHT.end).sum()) > 0
    assert len(view.tess) == 0
    assert view.catalogues.num_rows == small_sky.read("catalogues").num_rows


def test_the_tess_input_catalog_is_the_same_on_every_night(small_sky: Sky) -> None:
    before = Clock(small_sky, Night.at(small_sky.first_mjd).back(1)).view
    assert len(before.detections.table) == 0
    assert 0 < len(before.stars) == len(Clock(small_sky, None).view.stars)


def test_alerts_and_their_sums_grow_night_by_night(moving: Served, small_sky: Sky) -> None:
    every = small_sky.read("detections").to_pandas()
    for night in (NIGHT, NIGHT.back(-30), NIGHT.back(30)):
        moving.move(night)
        expected = every[every["mjd"] < night.end]["oid"].value_counts().to_dict()
        assert _objects(moving) == expected
    moving.move(None)
    assert sum(_objects(moving).values()) == len(every)


def test_an_object_not_yet_seen_is_unknown(moving: Served, small_sky: Sky) -> None:
    first = small_sky.read("detections").to_pandas().groupby("oid")["mjd"].min()
    late = first[first >= NIGHT.end].index[0]
    assert httpx.get(f"{moving.url}/ztf/v1/objects/{late}/lightcurve").status_code == 404
    moving.move(Night.at(first[late]))
    assert httpx.get(f"{moving.url}/ztf/v1/objects/{late}/lightcurve").status_code == 200


def test_release_epochs_wait_for_their_night(moving: Served, small_sky: Sky) -> None:
    every = small_sky.read("releases").to_pandas()
    oid = every["oid"].value_counts().idxmax()
    answer = httpx.get(moving.archives.irsa.url, params={"ID": oid, "FORMAT": "CSV"})
    told = pd.read_csv(io.StringIO(answer.text))
    assert len(told) == int(((every["oid"] == oid) & (every["mjd"] < NIGHT.end)).sum())


def test_a_tess_file_waits_for_the_end_of_its_sector(moving: Served, small_sky: Sky) -> None:
    row = small_sky.read("tess").to_pylist()[0]
    ask = {"uri": f"mast:TESS/product/{row['filename']}"}
    last = Night.at(row["t_max"])
    moving.move(last.back(1))
    assert httpx.get(f"{moving.url}/api/v0.1/Download/file", params=ask).status_code == 404
    moving.move(last)
    assert httpx.get(f"{moving.url}/api/v0.1/Download/file", params=ask).status_code == 200


def test_the_clock_is_told_and_moved_over_http(moving: Served) -> None:
    url = f"{moving.url}/clock"
    assert httpx.get(url).json() == {"as_of": "2020-03-01"}
    assert httpx.put(url, json={"as_of": "2020-04-01"}).json() == {"as_of": "2020-04-01"}
    for wrong in ({"as_of": "2020-04-31"}, {"as_of": 3}, {}):
        assert httpx.put(url, json=wrong).status_code == 400
    assert "2020-04-31" in httpx.put(url, json={"as_of": "2020-04-31"}).json()["detail"]
    assert httpx.get(url).json() == {"as_of": "2020-04-01"}
    assert httpx.put(url, json={"as_of": None}).json() == {"as_of": None}


def test_health_names_the_sky(served: Served, small_sky: Sky) -> None:
    told = httpx.get(f"{served.url}/health").json()
    assert (told["sky"], told["origin"]) == (small_sky.name, "simulated")


def test_a_port_in_use_is_refused(served: Served, small_sky: Sky) -> None:
    port = httpx.URL(served.url).port or 0
    with pytest.raises(BadInput, match=f"port {port} on 127.0.0.1 is in use"), serving(small_sky, None, port):
        pass
    with pytest.raises(BadInput, match=f"port {port} on 127.0.0.1 is in use"):
        run(small_sky, None, port)


def test_a_server_that_dies_while_starting_is_an_error(small_sky: Sky, monkeypatch: pytest.MonkeyPatch) -> None:
    @asynccontextmanager
    async def broken(_: FastAPI) -> AsyncIterator[None]:
        raise RuntimeError("no memory left")
        yield

    monkeypatch.setattr(host, "create_app", lambda sky, as_of, faults: FastAPI(lifespan=broken))
    with pytest.raises(StarloopError, match="stopped while it was starting"), serving(small_sky, None):
        pass
    with pytest.raises(StarloopError, match="stopped while it was starting"):
        run(small_sky, None, 0)


def test_the_server_is_gone_when_the_context_ends(small_sky: Sky) -> None:
    with serving(small_sky, NIGHT) as server:
        assert httpx.get(f"{server.url}/health").status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{server.url}/health")
