"""The endpoint in a cluster: a Helm release, moved to another version and taken back when it does not answer."""

import subprocess

from pydantic import BaseModel, ConfigDict

from starloop.endpoint import client
from starloop.endpoint.config import Cluster
from starloop.errors import BadInput, NotPromoted, StarloopError


class Released(BaseModel):
    """What a cluster serves.

    Parameters
    ----------
    url : str
        Where it answers.
    version : int
        Of its model.
    """

    model_config = ConfigDict(frozen=True)

    url: str
    version: int


def deploy(cluster: Cluster, version: int) -> Released:
    """Upgrade the release to the image of a model version, and see that it answers.

    Helm waits until the new pods are ready and takes the release back when they do not become so; it is taken back
    as well when it does not answer with the version.

    Raises
    ------
    BadInput
        When the cluster's address is not set, or Helm is not installed.
    NotPromoted
        When the release was taken back; says why, and whether that went well.
    """
    if not cluster.url:
        raise BadInput("STARLOOP_TARGET=cluster needs the endpoint's address there: set STARLOOP_CLUSTER__URL")
    values = ["--set-string", f"endpoint.image.tag=v{version}", "--set", f"endpoint.modelVersion={version}"]
    failed = _helm(
        cluster, "upgrade", cluster.release, cluster.chart,
        "--install", "--rollback-on-failure", "--reset-then-reuse-values", *values,
    )  # fmt: skip
    if failed:
        raise NotPromoted(f"Helm could not move the release {cluster.release} to version {version}: {failed}")
    try:
        told = current(cluster)
        if told.version == version:
            return told
        wrong = f"version {told.version} answers"
    except StarloopError as failure:
        wrong = str(failure)
    failed = _helm(cluster, "rollback", cluster.release)
    raise NotPromoted(
        f"version {version} was released, but at {cluster.url} {wrong}; "
        + (f"Helm could not take it back: {failed}" if failed else "the release was taken back")
    )


def current(cluster: Cluster) -> Released:
    """Ask which version answers; raise `StarloopError` when none does."""
    return Released(url=cluster.url, version=client.model(cluster.url)["version"])


def _helm(cluster: Cluster, *words: str) -> str | None:
    """Run Helm 4 and wait; give what it said last where it failed."""
    command = ["helm", *words, "--namespace", cluster.namespace, "--wait", "--timeout", f"{cluster.seconds}s"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise BadInput("helm is not installed: STARLOOP_TARGET=cluster needs Helm 4") from None
    if run.returncode == 0:
        return None
    return (run.stderr.strip() or run.stdout.strip() or f"exit code {run.returncode}").splitlines()[-1]
