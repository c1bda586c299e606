"""The unmodified alerce client against the archive server."""

import json
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pyarrow.compute as pc
import pytest
from alerce.core import Alerce
from alerce.exceptions import ObjectNotFoundError, ParseError

from starloop.sky.server.host import Served
from starloop.sky.tables import Sky


def _client(server: Served, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    import alerce

    config = json.loads((Path(alerce.__file__).parent / "default_config.json").read_text())
    config["ztf"]["ZTF_API_URL"] = server.archives.alerce.url
    path = folder / "alerce.json"
    path.write_text(json.dumps(config))
    monkeypatch.setenv("ALERCE_CONFIG_PATH", str(path))
    return Alerce()


@pytest.fixture
def client(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    return _client(served, tmp_path, monkeypatch)


@pytest.fixture
def detections(small_sky: Sky) -> Any:
    return small_sky.read("detections").to_pandas()


def test_objects_carry_sums_over_their_detections(client: Any, detections: Any) -> None:
    every = client.query_objects(format="json", page_size=1000, count="true")
    assert every["total"] == len(every["items"]) == detections["oid"].nunique()
    means = detections.groupby("oid")["dec"].mean()
    assert {item["oid"]: pytest.approx(item["meandec"], abs=1e-6) for item in every["items"]} == means.to_dict()
    first = every["items"][0]
    of_first = detections[detections["oid"] == first["oid"]]
    assert first["ndet"] == len(of_first)
    assert (first["firstmjd"], first["lastmjd"]) == (of_first["mjd"].min(), of_first["mjd"].max())
    assert first["meandec"] == pytest.approx(of_first["dec"].mean(), abs=1e-6)


def test_pages_do_not_overlap_and_has_next_is_false_without_a_count(client: Any) -> None:
    pages = [client.query_objects(format="json", page=page, page_size=20) for page in (1, 2, 3, 4)]
    oids = [item["oid"] for page in pages for item in page["items"]]
    assert len(oids) == len(set(oids)) == 60
    assert [(page["total"], page["has_next"]) for page in pages] == [(None, False)] * 4
    counted = client.query_objects(format="json", page=1, page_size=20, count="true")
    assert (counted["has_next"], counted["next"], counted["has_prev"]) == (True, 2, False)


def test_ranges_are_inclusive_and_oids_repeat(client: Any, detections: Any) -> None:
    last = detections.groupby("oid")["mjd"].max()
    limits = [float(last.quantile(0.3)), float(last.quantile(0.6))]
    found = client.query_objects(format="json", lastmjd=limits, page_size=1000)["items"]
    assert {item["oid"] for item in found} == set(last[(last >= limits[0]) & (last <= limits[1])].index)
    two = [str(oid) for oid in last.index[:2]]
    assert [item["oid"] for item in client.query_objects(format="json", oid=two)["items"]] == two


def test_order_follows_the_column_asked_for(client: Any) -> None:
    items = client.query_objects(format="json", order_by="ndet", order_mode="DESC", page_size=1000)["items"]
    counts = [item["ndet"] for item in items]
    assert counts == sorted(counts, reverse=True)


def test_a_cone_finds_its_object_but_one_at_zero_is_dropped(client: Any) -> None:
    target = client.query_objects(format="json", page_size=1)["items"][0]
    cone = {"ra": target["meanra"], "dec": target["meandec"], "radius": 2}
    assert [item["oid"] for item in client.query_objects(format="json", **cone)["items"]] == [target["oid"]]
    dropped = client.query_objects(format="json", ra=0, dec=target["meandec"], radius=2, page_size=1000)
    assert len(dropped["items"]) == 60


def test_no_object_has_a_class(client: Any) -> None:
    found = client.query_objects(format="json", classifier="lc_classifier", class_name="RRL", probability=0.5)
    assert found["items"] == []


def test_detections_leave_nulls_out(client: Any, detections: Any) -> None:
    oid = detections.loc[detections["magpsf_corr"].isna(), "oid"].iloc[0]
    rows = client.query_detections(oid, format="json")
    expected = detections[detections["oid"] == oid].sort_values(["mjd", "candid"])
    assert [row["candid"] for row in rows] == expected["candid"].tolist()
    assert [("magpsf_corr" in row) for row in rows] == expected["magpsf_corr"].notna().tolist()
    assert all(value is not None for row in rows for value in row.values())


def test_a_light_curve_is_detections_and_limits(client: Any, small_sky: Sky) -> None:
    limits = small_sky.read("non_detections")
    oid = limits["oid"][0].as_py()
    both = client.query_lightcurve(oid, format="json")
    assert both["detections"] == client.query_detections(oid, format="json")
    assert both["non_detections"] == client.query_non_detections(oid, format="json")
    assert len(both["non_detections"]) == pc.sum(pc.equal(limits["oid"], oid)).as_py()


def test_magnitude_statistics_are_by_filter(client: Any, detections: Any) -> None:
    oid = detections["oid"].iloc[0]
    of_object = detections[detections["oid"] == oid]
    told = {row["fid"]: row for row in client.query_magstats(oid, format="json")}
    for fid, rows in of_object.groupby("fid"):
        assert told[fid]["ndet"] == len(rows)
        assert told[fid]["magmean"] == pytest.approx(np.mean(rows["magpsf"]))


def test_an_unknown_object_is_not_found(client: Any) -> None:
    with pytest.raises(ObjectNotFoundError, match="ZTF00nowhere"):
        client.query_detections("ZTF00nowhere", format="json")


def test_a_filter_that_is_not_a_number_is_a_parse_error(client: Any) -> None:
    with pytest.raises(ParseError, match="ndet"):
        client.query_objects(format="json", ndet="many")


def test_a_trailing_slash_is_redirected_with_its_query(served: Served) -> None:
    answer = httpx.get(f"{served.url}/ztf/v1/objects/?page_size=3&ndet=5")
    assert answer.status_code == 308
    assert httpx.URL(answer.headers["location"]).query == b"page_size=3&ndet=5"
    assert len(httpx.get(answer.headers["location"]).json()["items"]) == 3


def test_a_recorded_object_has_all_its_detections(
    recorded: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = _client(recorded, tmp_path, monkeypatch).query_detections("ZTF20aaelulu", format="json")
    assert len(rows) == 58
