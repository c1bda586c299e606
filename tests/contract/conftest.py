"""A small simulated sky behind the archive server, for every contract test."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from starloop.sky.server.host import Served, serving
from starloop.sky.simulator.write import make_sky
from starloop.sky.tables import Sky, open_sky


@pytest.fixture(scope="session")
def small_sky(tmp_path_factory: pytest.TempPathFactory) -> Sky:
    """Sixty simulated objects and one TESS light curve."""
    return make_sky(tmp_path_factory.mktemp("skies") / "small", objects=60, seed=3)


@pytest.fixture(scope="session")
def served(small_sky: Sky) -> Iterator[Served]:
    """The whole small sky; tests that move the clock serve their own."""
    with serving(small_sky, None) as server:
        yield server


@pytest.fixture(scope="session")
def recorded(recorded_sky: Path) -> Iterator[Served]:
    """The whole recorded sky."""
    with serving(open_sky(recorded_sky), None) as server:
        yield server


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address where nothing answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def mast(served: Served, monkeypatch: pytest.MonkeyPatch) -> Served:
    """The small sky, with astroquery's MAST client pointed at it."""
    point_mast_at(served, monkeypatch)
    return served


def point_mast_at(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turn the MAST client's class attributes, read once at import, towards a server."""
    from astroquery.mast.discovery_portal import PortalAPI
    from astroquery.mast.services import ServiceAPI

    monkeypatch.setattr(PortalAPI, "MAST_REQUEST_URL", f"{server.url}/api/v0/invoke")
    monkeypatch.setattr(PortalAPI, "COLUMNS_CONFIG_URL", f"{server.url}/portal/Mashup/Mashup.asmx/columnsconfig")
    monkeypatch.setattr(PortalAPI, "MAST_DOWNLOAD_URL", f"{server.url}/api/v0.1/Download/file")
    monkeypatch.setattr(PortalAPI, "_column_configs", {})
    monkeypatch.setattr(ServiceAPI, "SERVICE_URL", server.url)
