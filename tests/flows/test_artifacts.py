"""What a night shows on a real Prefect server."""

from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

from starloop import workspace
from starloop.nights.store import Home
from starloop.report.page import report
from starloop.settings import Settings
from starloop.workspace import Workspace
from tasks.artifacts import show_night
from tests.unit.nights import NIGHT, whole

FACTS: dict[str, Any] = {
    "sky": "toy",
    "origin": "simulated",
    "champion": 2,
    "endpoint": {"url": "http://127.0.0.1:8700", "version": 2},
    "seconds": {"ingest": 3.2},
}
KEYS = {
    "table": {"decisions", "worth-a-look", "timings", "ledger", "checks", "checks-failed", "models", "models-by-class"},
    "progress": {"classified", "expectations-met"},
    "image": {"decisions-picture", "light-curve"},
    "link": {"report", "data-docs", "model-card", "tonight"},
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home with a whole night and its report, which is the one this process works on."""
    home = whole(Home(tmp_path))
    report(home, NIGHT, FACTS)
    place = Workspace(Settings(sky="live"), None, home)
    monkeypatch.setattr(workspace, "current", lambda: place)
    return home


def test_a_night_shows_the_report_s_numbers_under_keys_that_stay(home: Home, client: SyncPrefectClient) -> None:
    for _ in range(2):
        show_night.fn(str(NIGHT))
    named = ArtifactFilter(key=ArtifactFilterKey(any_=sorted(set().union(*KEYS.values()))))
    found = client.request("POST", "/artifacts/filter", json={"artifacts": named.model_dump(mode="json")}).json()
    by_kind: dict[str, set[str]] = {}
    for one in found:
        by_kind.setdefault(one["type"], set()).add(one["key"])
    assert by_kind.pop("markdown") == KEYS["link"]
    assert by_kind == {kind: keys for kind, keys in KEYS.items() if kind != "link"}
    assert len(found) == 2 * sum(map(len, KEYS.values()))
    data = {one["key"]: one["data"] for one in found}
    assert '"objects": 2' in data["decisions"]
    assert data["classified"] == 80.0
    assert f"http://127.0.0.1:8700/tonight/reports/{NIGHT}.html" in data["report"]
    assert data["light-curve"].startswith("data:image/svg+xml,")
    assert "among the most confident: SNIa 0.98" in data["worth-a-look"]
