"""Model versions in MLflow's registry, and which of them is the champion."""

import hashlib
import shutil
import tempfile
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from starloop.errors import BadInput, RegistryDown
from starloop.model.bundle import BOOSTER, FACTS, FOREST, Classifier
from starloop.model.packing import TREES, pack
from starloop.model.promotions import CHALLENGER, CHAMPION, Promotion, Promotions
from starloop.model.runs import record

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

MODEL = "starloop"
_WITHIN_S = 10.0
_SHOWN = ("night", "sky", "origin", "git_revision", "dataset_md5", "feature_schema")
"""Facts of the bundle shown beside the run and the version."""


class Registry:
    """The registered model `starloop`.

    Parameters
    ----------
    uri : str
        Tracking and registry server, or ``sqlite:///...``.
    artifacts : Path or None
        Folder for the models' files where the URI is a database; a server knows its own place.
    """

    def __init__(self, uri: str, artifacts: Path | None = None) -> None:
        self.uri = uri
        self.artifacts = artifacts

    def register(self, folder: Path, evaluation: Path) -> int:
        """Store a model folder as one version, and point `challenger` at it.

        The same folder twice is the same version.

        Parameters
        ----------
        folder : Path
            Has ``booster.ubj``, ``bundle.json`` and, since there is one, ``forest.npz``.
        evaluation : Path
            Its evaluation: ``metrics.json``, and what else is to be seen beside the version.

        Raises
        ------
        BadInput
            When the folder does not hold a usable model.
        """
        classifier = Classifier.load(folder)
        told = hashlib.sha256((folder / FACTS).read_bytes()).hexdigest()
        known = [version for version in self._versions() if version.tags.get("bundle") == told]
        version = int(known[0].version) if known else self._store(classifier, folder, evaluation, told)
        if version != self.champion():
            self._client.set_registered_model_alias(MODEL, CHALLENGER, str(version))
        return version

    def aliases(self) -> dict[str, int]:
        """Give the versions that `champion`, `challenger` and `previous` point at."""
        return self._promotions.aliases()

    def champion(self) -> int | None:
        """Give the champion's version, None before the first."""
        return self.aliases().get(CHAMPION)

    def fetch(self, version: int, to: Path) -> Path:
        """Copy a version's booster, bundle and forest into a folder, whole or not at all.

        Raises
        ------
        BadInput
            When there is no such version, or its files do not belong together.
        """
        from mlflow.artifacts import download_artifacts

        stored = self._version(version)
        to.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{to.name}-", dir=to.parent))
        try:
            whole, kept = beside / "whole", beside / "kept"
            kept.mkdir()
            download_artifacts(artifact_uri=stored.source, dst_path=str(whole), tracking_uri=self.uri)
            (found,) = whole.rglob(TREES)
            found.replace(kept / BOOSTER)
            for name in (FACTS, FOREST):
                if (there := found.parent / "extra_files" / name).is_file():
                    there.replace(kept / name)
            Classifier.load(kept)
            if to.exists():
                shutil.rmtree(to)
            kept.replace(to)
        finally:
            shutil.rmtree(beside)
        return to

    def settle(self) -> int | None:
        """Give the champion, after a promotion that was cut short is finished and a moved alias is in the ledger."""
        return self._promotions.settle().champion

    def history(self) -> list[Promotion]:
        """Give the ledger of promotions, the oldest first."""
        return self._promotions.entries()

    def promote(self, version: int, expected_champion: int | None, why: str, who: str | None = None) -> None:
        """Make a version the champion, if the champion still is the expected one.

        A promotion that was cut short may be asked for again.

        Parameters
        ----------
        version : int
            The new champion.
        expected_champion : int or None
            The champion the gate compared it with.
        why : str
            The reason, for the ledger.
        who : str, optional
            Who asks, for the ledger; the process's user unless given.

        Raises
        ------
        BadInput
            When there is no such version.
        NotPromoted
            When another champion is there, or appeared meanwhile.
        """
        self._version(version)
        self._promotions.promote(version, expected_champion, who, why)

    def rollback(self, to: int | None = None, why: str = "rollback", who: str | None = None) -> int:
        """Give the place back to the champion before this one, or to a named version.

        What was gone back from is not gone back to, unless it is named.

        Returns
        -------
        int
            The version that is champion now.

        Raises
        ------
        BadInput
            When there is no such version, or no previous one.
        NotPromoted
            When another champion appeared meanwhile.
        """
        champion = self.settle()
        target = self.previous() if to is None else to
        if target is None:
            raise BadInput("there is no previous champion to roll back to: name a version, or retrain")
        self.promote(target, champion, why, who)
        return target

    def previous(self) -> int | None:
        """Give the champion to go back to, None where there is none any more."""
        there = self.versions()
        return next((version for version in reversed(self._promotions.before()) if version in there), None)

    def versions(self) -> dict[int, dict[str, str]]:
        """Give every version's tags."""
        return {int(stored.version): dict(stored.tags) for stored in self._versions()}

    def tag(self, version: int, name: str, value: str | None) -> None:
        """Tag a version, or take its tag away."""
        if value is None:
            self._client.delete_model_version_tag(MODEL, str(version), name)
        else:
            self._client.set_model_version_tag(MODEL, str(version), name, value)

    @cached_property
    def _promotions(self) -> Promotions:
        return Promotions(self._client, MODEL)

    @cached_property
    def _client(self) -> "MlflowClient":
        import mlflow

        _reach(self.uri)
        # MLflow's SQL store resolves models:/ sources through the process's own URI, whatever its client was told.
        mlflow.set_tracking_uri(self.uri)
        return mlflow.MlflowClient(tracking_uri=self.uri, registry_uri=self.uri)

    def _exists(self) -> bool:
        return bool(self._client.search_registered_models(f"name='{MODEL}'"))

    def _versions(self) -> list["ModelVersion"]:
        return list(self._client.search_model_versions(f"name='{MODEL}'", max_results=10_000))

    def _version(self, version: int) -> "ModelVersion":
        for stored in self._versions():
            if int(stored.version) == version:
                return stored
        raise BadInput(
            f"the registry at {self.uri} has no version {version} of {MODEL}: list them with `starloop doctor`"
        )

    def _experiment(self) -> str:
        found = self._client.get_experiment_by_name(MODEL)
        if found is not None:
            return str(found.experiment_id)
        place = self.artifacts.resolve().as_uri() if self.artifacts else None
        return str(self._client.create_experiment(MODEL, artifact_location=place))

    def _store(self, classifier: Classifier, folder: Path, evaluation: Path, told: str) -> int:
        client, bundle = self._client, classifier.bundle
        facts = {name: getattr(bundle, name) for name in _SHOWN}
        run = record(client, self._experiment(), f"{bundle.sky} {bundle.night}", facts, folder, evaluation)
        model = client.create_logged_model(run.info.experiment_id, MODEL, run.info.run_id, model_type="xgboost")
        with tempfile.TemporaryDirectory() as packed:
            pack(classifier, folder, Path(packed) / "model")
            client.log_model_artifacts(model.model_id, str(Path(packed) / "model"))
        client.finalize_logged_model(model.model_id, "READY")
        client.set_terminated(run.info.run_id)
        if not self._exists():
            client.create_registered_model(MODEL)
        # Last, so that a version is there only when all of it is. Its source is the place itself: MLflow would look up
        # a models:/ URI in the process's global registry, not in this client's.
        version = client.create_model_version(
            MODEL, model.artifact_location, run.info.run_id, tags={**facts, "bundle": told}, model_id=model.model_id
        )
        return int(version.version)


def _reach(uri: str) -> None:
    """Raise `RegistryDown` for a server that is not there; MLflow itself would try for minutes, and fail at length."""
    import httpx

    if not uri.startswith("http"):
        return
    try:
        answer = httpx.get(f"{uri.rstrip('/')}/health", timeout=_WITHIN_S, follow_redirects=True)
    except httpx.TransportError as wrong:
        said = type(wrong).__name__
    else:
        if not answer.is_server_error:
            return
        said = f"status {answer.status_code}"
    raise RegistryDown(
        f"the registry at {uri} does not answer ({said}): start it with `starloop up`, or correct STARLOOP_MLFLOW_URI"
    )
