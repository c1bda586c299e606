"""The endpoint's routes, in process."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from starloop.endpoint import smoke
from starloop.features import schema


@pytest.fixture
def curve() -> dict[str, Any]:
    return smoke.known()[0] | {"id": "one"}


def _problems(endpoint: TestClient, body: object) -> list[dict[str, str]]:
    reply = endpoint.post("/classify", content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert reply.status_code == 400, reply.text
    return list(reply.json()["errors"])


def test_light_curves_are_answered_in_their_order(endpoint: TestClient) -> None:
    curves = smoke.known()
    reply = endpoint.post("/classify", json=curves)
    assert reply.status_code == 200, reply.text
    answers = reply.json()
    assert [answer["id"] for answer in answers] == [curve["id"] for curve in curves]
    for answer in answers:
        assert list(answer["probabilities"]) == ["RRL", "SNIa"]
        assert sum(answer["probabilities"].values()) == pytest.approx(1.0)
        assert answer["decision"] in {"RRL", "SNIa", "uncertain"}
        assert (answer["model_version"], answer["dataset_md5"]) == (7, "a" * 32)
    assert len({answer["prediction_id"] for answer in answers}) == len(answers)


def test_the_order_of_points_and_the_company_of_other_curves_change_nothing(
    endpoint: TestClient, curve: dict[str, Any]
) -> None:
    backwards = {name: value if name == "id" else value[::-1] for name, value in curve.items()}
    together = endpoint.post("/classify", json=[*smoke.known(), backwards]).json()
    alone = endpoint.post("/classify", json=[curve]).json()[0]
    assert together[-1]["probabilities"] == together[0]["probabilities"] == alone["probabilities"]


@pytest.mark.parametrize(
    ("field", "point", "value", "path"),
    [
        ("mag", 3, float("nan"), "[0].mag[3]"),
        ("mag", 3, "18.2", "[0].mag[3]"),
        ("mag", 3, None, "[0].mag[3]"),
        ("mjd", 0, float("inf"), "[0].mjd[0]"),
        ("err", 5, 0.0, "[0].err[5]"),
        ("err", 5, -0.1, "[0].err[5]"),
        ("band", 2, "z", "[0].band[2]"),
    ],
)
def test_a_bad_value_is_refused_with_the_path_of_its_field(
    endpoint: TestClient, curve: dict[str, Any], field: str, point: int, value: object, path: str
) -> None:
    curve[field][point] = value
    problems = _problems(endpoint, [curve])
    assert [problem["path"] for problem in problems] == [path]
    assert problems[0]["problem"]


def test_the_second_curve_is_named_when_the_second_is_wrong(endpoint: TestClient, curve: dict[str, Any]) -> None:
    wrong = curve | {"err": curve["err"][:-1]}
    (problem,) = _problems(endpoint, [curve, wrong])
    assert problem == {"path": "[1].err", "problem": "has 79 values where mag has 80"}


def test_a_missing_field_and_an_unknown_one_are_named(endpoint: TestClient, curve: dict[str, Any]) -> None:
    curve["magpsf"] = curve.pop("mag")
    del curve["band"]
    assert {problem["path"] for problem in _problems(endpoint, [curve])} == {"[0].mag", "[0].band", "[0].magpsf"}


def test_too_many_points_and_too_many_curves_are_refused(endpoint: TestClient, curve: dict[str, Any]) -> None:
    long = {"id": "long", "mjd": [1.0] * 10_001, "mag": [1.0] * 10_001, "err": [1.0] * 10_001, "band": ["g"] * 10_001}
    assert _problems(endpoint, [long])[0]["path"] == "[0].mjd"
    point = {"mjd": [58_909.1], "mag": [18.0], "err": [0.1], "band": ["g"]}
    assert _problems(endpoint, [{"id": str(one), **point} for one in range(1_001)])[0]["path"] == "body"


@pytest.mark.parametrize("body", ["", "{", "not json", "{}", "[]", "null", '"text"'])
def test_a_body_that_is_no_list_of_light_curves_is_refused(endpoint: TestClient, body: str) -> None:
    reply = endpoint.post("/classify", content=body, headers={"Content-Type": "application/json"})
    assert reply.status_code == 400, reply.text
    assert reply.json()["errors"][0]["path"] == "body"


def test_very_many_problems_are_cut_short(endpoint: TestClient, curve: dict[str, Any]) -> None:
    assert len(_problems(endpoint, [curve | {"mag": ["x"] * 5_000}])) == 1
    assert len(_problems(endpoint, [curve | {"err": []}] * 500)) == 100


def test_a_light_curve_with_a_single_point_is_answered(endpoint: TestClient) -> None:
    single = {"id": "single", "mjd": [58_909.1], "mag": [18.0], "err": [0.1], "band": ["g"]}
    (answer,) = endpoint.post("/classify", json=[single]).json()
    assert sum(answer["probabilities"].values()) == pytest.approx(1.0)
    assert not answer["too_few_points"]


@pytest.mark.parametrize("points", [0, 1])
def test_a_light_curve_without_a_point_in_g_or_r_is_uncertain_and_says_why(
    endpoint: TestClient, curve: dict[str, Any], points: int
) -> None:
    one = {"id": "nothing", "mjd": [58_909.1], "mag": [18.0], "err": [0.1], "band": ["i"]}
    nothing = {name: value if name == "id" else value[:points] for name, value in one.items()}
    before, after = (endpoint.post("/classify", json=[*curves, curve]).json() for curves in ([], [nothing]))
    assert (after[0]["decision"], after[0]["too_few_points"]) == ("uncertain", True)
    assert after[1]["probabilities"] == before[0]["probabilities"]
    assert not after[1]["too_few_points"]


def test_the_model_card_names_version_data_code_and_sky(endpoint: TestClient) -> None:
    card = endpoint.get("/v1/model").json()
    assert (card["version"], card["dataset_md5"], card["git_revision"]) == (7, "a" * 32, "0" * 40)
    assert card["feature_schema"] == schema.digest()
    assert (card["classes"], card["night"], card["origin"]) == (["RRL", "SNIa"], "2020-03-01", "simulated")
    assert "reference" not in card


def test_the_page_says_that_the_sky_is_simulated_and_loads_nothing_from_elsewhere(endpoint: TestClient) -> None:
    page = endpoint.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert "trained on a simulated sky" in page.text
    assert "SNIa" in page.text
    assert "0.920" in page.text
    assert "http" not in page.text.replace("http-equiv", "")


def test_the_schema_says_what_each_field_is(endpoint: TestClient) -> None:
    document = endpoint.get("/openapi.json").json()
    asked = document["paths"]["/classify"]["post"]["requestBody"]["content"]["application/json"]["schema"]["items"]
    assert "nanojansky" in asked["properties"]["flux"]["description"]
    told = document["components"]["schemas"]["Answer"]["properties"]
    assert "uncertain" in told["too_few_points"]["description"]


def test_every_example_of_the_document_runs(endpoint: TestClient) -> None:
    ran = 0
    for path, operations in endpoint.get("/openapi.json").json()["paths"].items():
        if "post" not in operations:
            continue
        for example in operations["post"]["requestBody"]["content"]["application/json"]["examples"].values():
            reply = endpoint.post(path, json=example["value"])
            assert reply.status_code == 200, reply.text
            ran += 1
    assert ran == 3


def test_every_status_is_documented(endpoint: TestClient) -> None:
    paths = endpoint.get("/openapi.json").json()["paths"]
    assert {"200", "400", "408", "413", "415", "429", "500", "503", "504"} <= set(
        paths["/classify"]["post"]["responses"]
    )
    assert list(paths["/score"]["post"]["responses"]["409"]["content"]) == ["application/problem+json"]
    assert "422" not in str(paths)


def test_bentoml_keeps_its_own_routes_beside_the_app(endpoint: TestClient) -> None:
    for path in ("/healthz", "/livez", "/readyz", "/metrics", "/openapi.json"):
        assert endpoint.get(path).status_code == 200, path
    for path, status in (("/nowhere", 404), ("/classify", 405)):
        refused = endpoint.get(path)
        assert (refused.status_code, refused.headers["content-type"]) == (status, "application/problem+json")
        assert refused.headers["x-request-id"]
