"""The pages of an object and the desk's routes, with a real desk, endpoint, proxy and sky; a token is needed for all.

The tests follow each other: the last ones stop the desk.
"""

import hashlib
import re
import shutil
import time
from collections.abc import Iterator
from typing import Any

import httpx
import psutil
import pyarrow.parquet as pq
import pytest

from starloop.endpoint import build, client, health, switch
from starloop.features import partitions
from starloop.model.bundle import Classifier
from starloop.model.score import score
from starloop.nights.calendar import Night
from starloop.nights.ingest import ingest
from starloop.nights.progress import silent
from starloop.nights.store import Home
from starloop.pages import process
from starloop.settings import Ports, Settings
from starloop.sky.simulator.write import make_sky
from starloop.workspace import Workspace
from tests.endpoint.toys import toy_model

pytestmark = pytest.mark.timeout(600)
NIGHT = Night.parse("2020-06-30")
TOKEN = "open sesame"
MOST_BYTES = 1_000_000
GOOD = "mjd,mag,err,band\n" + "".join(
    f"{58900 + n}.25,{17 + 0.1 * (n % 5):.2f},0.02,{'gr'[n % 2]}\n" for n in range(30)
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A small sky, one night of it as it is fetched and scored, and an endpoint and a desk that ask for a token."""
    folder = tmp_path_factory.mktemp("desk")
    sky = make_sky(folder / "sky", objects=50, seed=2, name="small", tess=1)
    one = Workspace(Settings(sky=str(sky.folder), ports=Ports(endpoint=0)), sky, Home(folder / "home"))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("STARLOOP_TOKENS", f"me:{hashlib.sha256(TOKEN.encode()).hexdigest()}")
        environment.setenv("STARLOOP_TOKEN", TOKEN)
        with one.archives(NIGHT) as archives:
            ingest(one.home, NIGHT, one.name, archives, silent)
        shutil.copytree(one.home.raw(NIGHT), one.home.good(NIGHT))
        partitions.update(one.home, NIGHT)
        model = toy_model(one.home.version(1), "a" * 32)
        score(one.home, NIGHT, Classifier.load(model), 1)
        switch.deploy(one.home, build.build(one.home, model, 1), 1)
        process.ensure(one)
        yield one
        switch.stop(one.home)


@pytest.fixture(scope="module")
def ask(place: Workspace) -> Iterator[httpx.Client]:
    """Ask at the one address, with the token, as soon as the desk listens."""
    served = switch.current(place.home)
    assert served
    with httpx.Client(base_url=served.url, auth=("", TOKEN), timeout=60, trust_env=False) as asking:
        await_desk(asking)
        yield asking


def await_desk(ask: httpx.Client) -> None:
    until = time.monotonic() + 60
    while ask.get(process.HEALTH).status_code != 200:
        assert time.monotonic() < until, "the desk does not listen"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def scored(place: Workspace) -> dict[str, Any]:
    """The prediction of the best observed object of the night."""
    counts = pq.read_table(place.home.good(NIGHT) / "detections.parquet").group_by("oid").aggregate([("oid", "count")])
    oid = counts.sort_by([("oid_count", "descending"), ("oid", "ascending")])["oid"][0].as_py()
    row: dict[str, Any] = pq.read_table(place.home.predictions(NIGHT), filters=[("oid", "=", oid)]).to_pylist()[0]
    return row


def star(place: Workspace) -> str:
    """Give the one star with a TESS light curve."""
    assert place.sky
    return f"TIC {place.sky.read('tess')['tic'][0].as_py()}"


def test_an_object_of_the_night_is_shown_with_what_was_said_of_it_then(
    ask: httpx.Client, scored: dict[str, Any]
) -> None:
    answer = ask.get("/object", params={"id": f" {scored['oid']} "}, follow_redirects=True)
    page = answer.text
    assert (answer.status_code, answer.url.path) == (200, f"/object/{scored['oid']}")
    assert f'<span class="class">{scored["decision"]}</span>' in page
    assert f'<a class="mono" href="/v1/predictions/{scored["prediction_id"]}">' in page
    assert f'as the night <a href="/tonight?night={NIGHT}">' in page
    for panel in ("curve", "folding", "classes", "deciding", "where", "matches", "lineage"):
        assert f'<h2 id="{panel}">' in page
    rows = re.findall(r'<tr class="best"><th scope="row">(\w+)', page)
    assert rows == [max(("RRL", "SNIa"), key=lambda name: scored[f"p_{name}"])]
    assert len(re.findall(r"at or above \d+ % of|missing|<span class=\"value\">", page)) >= 5
    assert len(page) < MOST_BYTES


def test_a_page_asks_nobody_but_the_desk(ask: httpx.Client, scored: dict[str, Any]) -> None:
    for path in ("/", f"/object/{scored['oid']}"):
        answer = ask.get(path)
        assert answer.headers["content-security-policy"].startswith("default-src 'self';")
        loaded = re.findall(r'<(?:script|link|img|iframe)[^>]*(?:src|href)="([^"]+)"', answer.text)
        assert loaded
        for address in loaded:
            assert address.startswith("/pages/static/")
            assert ask.get(address).status_code == 200


def test_the_archives_are_asked_anew_where_one_wants_it(ask: httpx.Client, scored: dict[str, Any]) -> None:
    page = ask.get(f"/object/{scored['oid']}", params={"fresh": 1}).text
    assert f"from the archives, up to the night {NIGHT}" in page
    (prediction,) = re.findall(r'href="/v1/predictions/([^"]+)"', page)
    assert prediction != scored["prediction_id"]
    told = ask.get(f"/v1/predictions/{prediction}").json()
    assert (told["asked"]["oid"], told["asked"]["of"]) == (scored["oid"], "endpoint")
    assert told["answer"]["decision"] == scored["decision"]
    assert sum(told["answer"]["probabilities"].values()) == pytest.approx(1.0)


def test_an_object_is_classified_by_its_name(ask: httpx.Client, scored: dict[str, Any]) -> None:
    told = ask.post("/classify/object", json={"id": scored["oid"]}).json()
    assert (told["id"], told["model_version"]) == (scored["oid"], 1)
    assert told["probabilities"]["RRL"] == pytest.approx(scored["p_RRL"], abs=1e-6)


def test_the_schema_s_example_runs(ask: httpx.Client) -> None:
    schema = ask.get("/pages/openapi.json").json()
    assert set(schema["paths"]) == {"/classify/object", "/v1/predictions/{prediction_id}"}
    (example,) = schema["components"]["schemas"]["Asked"]["examples"]
    assert ask.post("/classify/object", json=example).json()["id"] == example["id"]


def test_a_star_of_the_tic_is_classified_by_its_tess_light_curve(place: Workspace, ask: httpx.Client) -> None:
    told = ask.post("/classify/object", json={"id": star(place).lower().replace(" ", "")}).json()
    assert (told["id"], told["too_few_points"]) == (star(place), False)
    page = ask.get(f"/object/{star(place)}").text
    assert "<strong>TESS</strong>" in page
    assert "averaged over ten minutes" in page


@pytest.mark.parametrize(
    ("body", "status", "path", "said"),
    [
        ({"id": "ZTF20zzzzzzz"}, 404, None, "ZTF20zzzzzzz cannot be classified: ALeRCE knows no object of that name"),
        ({"id": "TIC 7"}, 404, None, "TIC 7 cannot be classified: MAST has no SPOC light curve of it"),
        ({"id": "no name!"}, 400, "id", "no object's name"),
        ({"id": 5}, 400, "id", "string"),
        ({"oid": "ZTF20zzzzzzz"}, 400, "id", "required"),
    ],
)
def test_what_cannot_be_classified_is_a_problem_with_a_reason(
    ask: httpx.Client, body: dict[str, Any], status: int, path: str | None, said: str
) -> None:
    answer = ask.post("/classify/object", json=body)
    told = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert said in told["detail"]
    assert told["request_id"] == answer.headers["x-request-id"]
    assert path is None or path in [one["path"] for one in told["errors"]]


def test_a_prediction_nobody_made_is_not_found(ask: httpx.Client) -> None:
    answer = ask.get("/v1/predictions/none")
    assert (answer.status_code, "no prediction has the id none" in answer.json()["detail"]) == (404, True)


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [("/object/ZTF20zzzzzzz", 404, "ALeRCE knows no object"), ("/object?id=%21", 400, "is no object&#39;s name")],
)
def test_on_a_page_it_is_a_sentence_above_the_form(ask: httpx.Client, path: str, status: int, said: str) -> None:
    answer = ask.get(path)
    assert (answer.status_code, said in answer.text) == (status, True)
    assert 'role="alert"' in answer.text


def test_a_dropped_light_curve_is_shown_and_classified(ask: httpx.Client) -> None:
    answer = ask.post("/object", files={"file": ("mine.csv", GOOD)})
    assert answer.status_code == 200
    assert '<h1 class="oid">mine</h1>' in answer.text
    assert "<strong>Alerts</strong>" in answer.text
    assert "30 points" in answer.text
    assert '<h2 id="where">' not in answer.text


def test_a_bad_file_is_answered_with_the_column_and_the_line(ask: httpx.Client) -> None:
    answer = ask.post("/object", files={"file": ("mine.csv", GOOD.replace("17.20", "bright", 1))})
    assert answer.status_code == 400
    assert "mine.csv: line 4, column mag: &#39;bright&#39; is not a number" in answer.text


def test_without_the_token_nothing_is_shown(ask: httpx.Client, scored: dict[str, Any]) -> None:
    for path in ("/", f"/object/{scored['oid']}", "/pages/static/style.css"):
        assert httpx.get(f"{ask.base_url}{path}", trust_env=False).status_code == 401
    answer = httpx.post(f"{ask.base_url}/classify/object", json={"id": scored["oid"]}, trust_env=False)
    assert answer.status_code == 401


def test_while_the_desk_is_down_the_endpoint_answers_and_it_comes_back_with_it(
    place: Workspace, ask: httpx.Client, scored: dict[str, Any]
) -> None:
    down = process.running(place.home)
    assert down
    down.stop()
    psutil.wait_procs([psutil.Process(down.pid)] if psutil.pid_exists(down.pid) else [], timeout=10)
    assert "starloop endpoint" in ask.get("/").text
    answer = ask.get("/tonight")
    assert (answer.status_code, answer.json()["status"]) == (503, 503)
    assert "the desk does not run" in answer.json()["detail"]
    assert client.model(str(ask.base_url))["version"] == 1
    seen = health.look(place.home)
    assert seen
    assert "the desk, which shows the pages, has ended" in seen.what
    place.restart()
    await_desk(ask)
    assert ask.get(f"/object/{scored['oid']}").status_code == 200
    assert health.look(place.home) == health.Health(1, seen.url, ok=True, what=f"version 1 answers at {seen.url}")


def test_what_the_desk_left_running_is_stopped_with_the_endpoint(place: Workspace, ask: httpx.Client) -> None:
    running = process.running(place.home)
    assert running
    switch.stop(place.home)
    assert not running.alive
    assert process.running(place.home) is None
