"""What the unmodified clients do when an archive misbehaves."""

import json

import pytest

from tests.contract.conftest import point_mast_at
from tests.contract.faults.asking import FILE, struck


def test_the_alerce_client_raises_on_a_page_of_html(archive, running, tmp_path, monkeypatch):
    import alerce
    from alerce.exceptions import APIError

    config = alerce.utils.load_config(None)
    config["ztf"]["ZTF_API_URL"] = running.url
    (tmp_path / "alerce.json").write_text(json.dumps(config))
    monkeypatch.setenv("ALERCE_CONFIG_PATH", str(tmp_path / "alerce.json"))
    client = alerce.core.Alerce()
    running.misbehave([{"fault": "http-502", "route": "alerce", "count": 1}])
    with pytest.raises(APIError) as raised:
        client.query_objects(format="json", page_size=2)
    assert raised.value.code == 502
    assert len(client.query_objects(format="json", page_size=2)["items"]) == 2


def test_the_mast_client_asks_again_while_a_query_executes(archive, running, monkeypatch):
    from astroquery.exceptions import RemoteServiceError
    from astroquery.mast import Catalogs

    point_mast_at(running, monkeypatch)
    cone = {"coordinates": "10 5", "radius": "0.001 deg", "catalog": "TIC"}
    running.misbehave([{"fault": "executing", "count": 4}])
    assert list(Catalogs.query_region(**cone)["ID"]) == ["7"]
    assert struck(archive) == [4]
    running.misbehave([{"fault": "error-status", "rate": 1}])
    with pytest.raises(RemoteServiceError):
        Catalogs.query_region(**cone)


def test_the_mast_client_leaves_a_broken_file_where_a_download_broke_off(archive, running, monkeypatch, tmp_path):
    import requests
    from astroquery.mast import Observations

    point_mast_at(running, monkeypatch)
    where = tmp_path / FILE
    running.misbehave([{"fault": "truncated", "route": "/api/v0.1/Download/file", "count": 1}])
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        Observations.download_file(f"mast:TESS/product/{FILE}", local_path=where, cache=False)
    assert where.stat().st_size < 4000
    assert Observations.download_file(f"mast:TESS/product/{FILE}", local_path=where, cache=False)[0] == "COMPLETE"
    assert where.stat().st_size == 4000
