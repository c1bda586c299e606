"""Which sky and home a process works on, and what it refuses."""

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from starloop import pipeline
from starloop.archives.config import Credentials
from starloop.errors import BadInput
from starloop.nights.calendar import Night
from starloop.nights.store import Home
from starloop.settings import Settings
from starloop.sky.simulator.write import make_sky
from starloop.sky.tables import Sky, open_sky
from starloop.workspace import Workspace, _same_sky, _sky


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Sky:
    return make_sky(tmp_path_factory.mktemp("skies") / "small", objects=60, seed=3)


@pytest.fixture
def place(sky: Sky, tmp_path: Path) -> Workspace:
    return Workspace(Settings(allow_dirty=True), sky, Home(tmp_path / "home"))


def test_the_night_is_the_last_one_unless_named(place: Workspace) -> None:
    assert str(place.night(None)) == "2020-06-30"
    assert str(place.night("2020-03-01")) == "2020-03-01"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2019-12-31", "is before the sky simulated begins"),
        ("2020-07-01", "is in the future of the sky simulated"),
        ("yesterday", "is not a date: write it as YYYY-MM-DD"),
    ],
)
def test_a_night_outside_the_sky_is_refused_in_one_sentence(place: Workspace, text: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        place.night(text)
    assert not place.home.root.exists()


def test_a_live_night_after_yesterday_is_refused(tmp_path: Path) -> None:
    live = Workspace(Settings(), None, Home(tmp_path))
    assert (live.name, live.origin) == ("live", "live")
    with pytest.raises(BadInput, match="in the future"):
        live.night(str(live.last.back(-1)))


def test_an_unknown_sky_folder_is_refused() -> None:
    with pytest.raises(BadInput, match="neither `embedded`, `live` nor a folder"):
        _sky("no/such/sky")


def test_a_sky_table_with_a_missing_column_is_named(sky: Sky, tmp_path: Path) -> None:
    import shutil

    import pyarrow.parquet as pq

    copy = tmp_path / "broken"
    shutil.copytree(sky.folder, copy)
    table = pq.read_table(copy / "detections.parquet").drop_columns(["magpsf"])
    pq.write_table(table, copy / "detections.parquet")
    with pytest.raises(BadInput, match=r"detections\.parquet lacks the column magpsf"):
        open_sky(copy)


def test_a_home_refuses_another_sky_of_the_same_name(sky: Sky, tmp_path: Path) -> None:
    home = Home(tmp_path)
    _same_sky(home, sky)
    told = json.loads((home.root / "sky.json").read_text())
    (home.root / "sky.json").write_text(json.dumps({**told, "last_mjd": 1.0}))
    with pytest.raises(BadInput, match="holds nights of another sky"):
        _same_sky(home, sky)


def test_uncommitted_changes_are_refused_unless_allowed(
    sky: Sky, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = tmp_path / "code"
    code.mkdir()
    monkeypatch.setattr(pipeline, "ROOT", code)
    strict = Workspace(Settings(allow_dirty=False, git_revision=None), sky, Home(tmp_path / "home"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    with pytest.raises(BadInput, match="is not a git repository with a commit"):
        strict.revision()

    def git(*words: str) -> None:
        identity = ("-c", "user.name=test", "-c", "user.email=test@localhost")
        subprocess.run(["git", "-C", str(code), *identity, *words], check=True, capture_output=True)

    git("init", "-q")
    (code / "a.py").write_text("a = 1\n")
    git("add", "a.py")
    git("commit", "-qm", "first")
    clean = strict.revision()
    (code / "a.py").write_text("a = 2\n")
    with pytest.raises(BadInput, match=r"uncommitted changes \(M a\.py"):
        strict.revision()
    assert Workspace(Settings(allow_dirty=True), sky, strict.home).revision() == f"{clean}-dirty"


def test_a_processed_night_must_be_there(place: Workspace) -> None:
    with pytest.raises(BadInput, match="holds no processed night"):
        place.processed(None)
    place.home.ledger(Night.parse("2020-03-01")).parent.mkdir(parents=True)
    place.home.ledger(Night.parse("2020-03-01")).write_text("{}")
    assert str(place.processed(None)) == "2020-03-01"
    with pytest.raises(BadInput, match="holds no processed night 2020-03-02"):
        place.processed("2020-03-02")


def test_credentials_go_to_the_real_archives_and_not_to_a_served_sky(place: Workspace, tmp_path: Path) -> None:
    settings = Settings.model_validate({"MAST_API_TOKEN": "a-secret"})
    with Workspace(settings, None, Home(tmp_path)).archives(Night.parse("2020-03-01")) as real:
        assert real.credentials.mast_token
        assert "a-secret" not in repr(real)
    with Workspace(settings, place.sky, place.home).archives(Night.parse("2020-03-01")) as served:
        assert served.credentials == Credentials()


def test_runs_of_one_home_wait_for_each_other_and_those_of_one_process_nest(place: Workspace) -> None:
    other = "import sys; from filelock import FileLock; FileLock(sys.argv[1], timeout=0).acquire()"
    words = [sys.executable, "-c", other, str(place.home.root / ".run.lock")]
    with place.alone(), ThreadPoolExecutor(1) as thread:
        thread.submit(_nest, place).result()
        assert "Timeout" in subprocess.run(words, capture_output=True, text=True, check=False).stderr
    assert subprocess.run(words, check=False).returncode == 0


def _nest(place: Workspace) -> None:
    with place.alone():
        pass


def test_a_run_that_waits_says_so_and_goes_on_when_the_other_ends(
    place: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    place.home.root.mkdir(parents=True, exist_ok=True)
    hold = (
        "import sys, time; from filelock import FileLock; held = FileLock(sys.argv[1]).acquire(); print(flush=True); "
        "time.sleep(60)"
    )
    lock = place.home.root / ".run.lock"
    with subprocess.Popen([sys.executable, "-c", hold, str(lock)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        threading.Timer(0.5, holder.kill).start()
        with place.alone():
            assert holder.wait() != 0
    assert "another run works in" in caplog.text
