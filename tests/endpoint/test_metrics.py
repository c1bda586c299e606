"""What the endpoint counts about its requests."""

from fastapi import FastAPI
from fastapi.testclient import TestClient

from starloop.endpoint.metrics import measured


def _asked(*paths: str) -> str:
    app = FastAPI()
    measured(app)

    @app.get("/here")
    def here() -> str:
        return "yes"

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("broken on purpose")

    client = TestClient(app, raise_server_exceptions=False)
    for path in paths:
        client.get(path)
    return client.get("/metrics").text


def _series(text: str) -> set[str]:
    return {line.rsplit(" ", 1)[0] for line in text.splitlines() if line.startswith("bentoml_service_request_total")}


def test_a_route_is_counted_with_its_path_and_status() -> None:
    assert 'bentoml_service_request_total{endpoint="/here",http_response_code="200"}' in _series(_asked("/here"))


def test_whoever_tries_paths_makes_no_series_of_his_own() -> None:
    few = _series(_asked("/here", "/nothing"))
    assert _series(_asked(*(f"/nothing/{number}" for number in range(20)))) <= few


def test_a_route_that_breaks_counts_as_500() -> None:
    assert 'bentoml_service_request_total{endpoint="/broken",http_response_code="500"}' in _series(_asked("/broken"))


def test_nothing_is_in_progress_when_all_is_answered() -> None:
    assert "bentoml_service_request_in_progress 0.0" in _asked("/here", "/broken")
