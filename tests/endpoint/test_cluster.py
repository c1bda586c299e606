"""The endpoint in a cluster.

There is no cluster here: ``helm`` on PATH is a script that writes its arguments down and fails when it is told to, and
a small server stands for the service that the chart would make.
"""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from starloop.endpoint import cluster
from starloop.endpoint.config import Cluster
from starloop.errors import BadInput, NotPromoted

HELM = """#!/bin/sh
echo "$@" >> {folder}/said
case "$(cat {folder}/fails)" in *"$1"*) echo "warning" >&2; echo "Error: $1 FAILED: timed out" >&2; exit 1;; esac
"""


class Helm:
    """The script, what it was asked, and what it fails at."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "helm").write_text(HELM.format(folder=folder))
        (folder / "helm").chmod(0o755)
        self.fails("")

    def fails(self, words: str) -> None:
        (self.folder / "fails").write_text(words)

    @property
    def said(self) -> list[str]:
        return (self.folder / "said").read_text().splitlines()


@pytest.fixture
def helm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Helm:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return Helm(tmp_path)


@pytest.fixture
def place() -> Iterator[Cluster]:
    """A cluster whose service answers with version 7."""

    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/v1/model" else 404)
            self.end_headers()
            self.wfile.write(json.dumps({"version": 7}).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Cluster(url=f"http://127.0.0.1:{server.server_port}", seconds=120)
    server.shutdown()
    server.server_close()


def test_a_version_is_released_by_one_upgrade_that_helm_takes_back_itself(helm: Helm, place: Cluster) -> None:
    assert cluster.deploy(place, 7) == cluster.Released(url=place.url, version=7)
    (said,) = helm.said
    assert said == (
        "upgrade starloop infra/chart --install --rollback-on-failure --reset-then-reuse-values"
        " --set-string endpoint.image.tag=v7 --set endpoint.modelVersion=7 --namespace starloop --wait --timeout 120s"
    )


def test_an_upgrade_that_fails_says_what_helm_said(helm: Helm, place: Cluster) -> None:
    helm.fails("upgrade")
    with pytest.raises(NotPromoted, match="release starloop to version 7: Error: upgrade FAILED: timed out"):
        cluster.deploy(place, 7)
    assert len(helm.said) == 1


def test_a_release_that_answers_with_another_version_is_taken_back(helm: Helm, place: Cluster) -> None:
    with pytest.raises(NotPromoted, match=r"version 8 was released, but .* version 7 answers; the release was taken"):
        cluster.deploy(place, 8)
    assert helm.said[1] == "rollback starloop --namespace starloop --wait --timeout 120s"


def test_a_release_that_cannot_be_taken_back_says_so(helm: Helm, place: Cluster) -> None:
    helm.fails("rollback")
    silent = place.model_copy(update={"url": "http://127.0.0.1:9"})
    with pytest.raises(NotPromoted, match=r"does not answer .* could not take it back: Error: rollback FAILED"):
        cluster.deploy(silent, 7)


def test_a_cluster_without_an_address_or_helm_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match="set STARLOOP_CLUSTER__URL"):
        cluster.deploy(Cluster(), 1)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BadInput, match="helm is not installed"):
        cluster.deploy(Cluster(url="http://127.0.0.1:9"), 1)
