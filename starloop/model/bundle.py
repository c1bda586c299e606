"""What one model version is: booster, forest and every fact that must move with them."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import xgboost as xgb
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from starloop.errors import BadInput, OldModel
from starloop.model import decision
from starloop.model.anomaly import Forest
from starloop.model.calibration import Calibration, Ints, Reals

UNCERTAIN = decision.UNCERTAIN
BOOSTER, FACTS, FOREST = "booster.ubj", "bundle.json", "forest.npz"
FORM: Literal[2] = 2
"""Of ``bundle.json``: the first had one temperature as its calibration and no weights."""


class Bundle(BaseModel):
    """The facts of one model version, kept in ``bundle.json`` beside its booster."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    form: Literal[2] = FORM
    classes: list[str] = Field(min_length=2)
    """In the order of the booster's outputs."""
    features: list[str]
    """In the order of the booster's inputs."""
    feature_schema: str
    """Hash of the feature code and schema the model was trained with."""
    calibration: Calibration
    """What is done to the booster's probabilities."""
    weights: dict[str, float]
    """What each class's calibrated probability counts when the answer is chosen."""
    thresholds: dict[str, float]
    """Probability of the answer below which it is `uncertain`, per class."""
    parameters: dict[str, Any]
    """The knobs it was trained with."""
    dataset_md5: str
    git_revision: str
    night: str
    """The last night of the training data."""
    sky: str
    origin: str
    """``recorded``, ``simulated`` or ``live``."""
    folded: dict[str, str]
    """Leaves with too few labels, and the class they were trained as."""
    dropped: dict[str, int]
    """Leaves too rare for any class, and their training labels."""
    metrics: dict[str, Any]
    reference: dict[str, Any]
    """The training data as drift is measured against it."""
    booster: str
    """SHA-256 of the booster's file."""
    forest: str | None = None
    """SHA-256 of the anomaly score's file; None of a version from before there was one."""

    def trained_as(self, leaf: str) -> str | None:
        """Give the class objects of a leaf are trained and scored as; None for one the model does not know."""
        target = self.folded.get(leaf, leaf)
        return target if target in self.classes and leaf not in self.dropped else None

    def answers(self, probabilities: Reals) -> Ints:
        """Give the index of the class each row is answered with: the greatest weight times calibrated probability."""
        return decision.answers(probabilities, np.array([self.weights[name] for name in self.classes]))


@dataclass(frozen=True)
class Classifier:
    """A bundle with its booster and forest, ready to answer.

    Parameters
    ----------
    bundle : Bundle
        Its facts.
    booster : xgboost.Booster
        The trees, set to one thread.
    forest : Forest, optional
        What tells how odd an object is.
    """

    bundle: Bundle
    booster: xgb.Booster
    forest: Forest | None = None

    @classmethod
    def load(cls, folder: Path) -> "Classifier":
        """Read ``booster.ubj``, ``bundle.json`` and, where the bundle has one, ``forest.npz``.

        Raises
        ------
        BadInput
            When a file is missing or unreadable, or they do not belong together.
        OldModel
            When an earlier form of the code wrote them.
        """
        try:
            bundle = _read(folder / FACTS)
            trees = _belonging(folder / BOOSTER, bundle.booster)
            forest = Forest.read(_belonging(folder / FOREST, bundle.forest)) if bundle.forest else None
        except FileNotFoundError as missing:
            raise BadInput(f"{folder} is not a model: {missing.filename} is missing; train or fetch it again") from None
        booster = xgb.Booster(params={"nthread": 1})
        booster.load_model(bytearray(trees))
        return cls(bundle, booster, forest)

    def probabilities(self, features: pa.Table) -> Reals:
        """Give calibrated probabilities.

        Parameters
        ----------
        features : pa.Table
            Has the bundle's features among its columns; nulls are missing values.

        Returns
        -------
        ndarray, shape (n, classes)
            Rows that sum to one.

        Raises
        ------
        BadInput
            When a feature is missing.
        """
        if features.num_rows == 0:
            return np.empty((0, len(self.bundle.classes)))
        return self.scored(matrix(features, self.bundle.features))

    def scored(self, values: NDArray[np.float32]) -> Reals:
        """Give calibrated probabilities of rows in the order of the bundle's features, one row or more."""
        raw = self.booster.inplace_predict(values)
        return self.bundle.calibration.applied(np.asarray(raw, dtype=np.float64))

    def anomalies(self, features: pa.Table) -> Reals | None:
        """Give how odd each row is, as `Forest.anomaly`; None of a model without a forest.

        Raises
        ------
        BadInput
            When a feature is missing.
        """
        return self.forest.anomaly(matrix(features, self.bundle.features)) if self.forest else None

    def decide(self, probabilities: Reals) -> list[str]:
        """Give each row's answer, or `uncertain` where its probability is under that class's threshold."""
        names = self.bundle.classes
        best = self.bundle.answers(probabilities).tolist()
        return [
            names[number] if row[number] >= self.bundle.thresholds[names[number]] else UNCERTAIN
            for number, row in zip(best, probabilities, strict=True)
        ]


def _belonging(path: Path, sha256: str) -> bytes:
    written = path.read_bytes()
    if hashlib.sha256(written).hexdigest() != sha256:
        raise BadInput(f"{path} is not the {path.stem} {FACTS} was written for; fetch the version again")
    return written


def _read(path: Path) -> Bundle:
    written = path.read_bytes()
    try:
        return Bundle.model_validate_json(written)
    except ValidationError as wrong:
        first = wrong.errors()[0]
    try:
        form = json.loads(written).get("form", 1)
    except (ValueError, AttributeError):
        form = FORM
    if form != FORM:
        raise OldModel(f"{path} is of form {form} and this code reads form {FORM}: train again with `starloop retrain`")
    raise BadInput(f"{path} is not a bundle: {first['loc']}: {first['msg']}; train again")


def matrix(table: pa.Table, names: list[str]) -> NDArray[np.float32]:
    """Give feature columns as one array, NaN where a value is missing; raise `BadInput` for a missing column."""
    known = set(table.column_names)
    absent = [name for name in names if name not in known]
    if absent:
        raise BadInput(f"the table lacks the model's feature {', '.join(absent[:3])}: extract the features again")
    columns = [_single(table[name]).to_numpy() for name in names]
    return np.column_stack(columns) if columns else np.empty((table.num_rows, 0), np.float32)


def _single(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column if column.type == pa.float32() else column.cast(pa.float32())


def save(
    bundle: Bundle, booster: bytes, folder: Path, others: Mapping[str, str] | None = None, forest: bytes | None = None
) -> Path:
    """Write a model folder whole, other files (name to text) included: the same content gives the same bytes."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        (beside / BOOSTER).write_bytes(booster)
        (beside / FACTS).write_text(as_json(bundle.model_dump(mode="json")))
        if forest:
            (beside / FOREST).write_bytes(forest)
        for name, text in (others or {}).items():
            (beside / name).write_text(text)
        beside.chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        beside.replace(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return folder


def as_json(value: Any) -> str:
    """Give the text of a model folder's JSON file."""
    return json.dumps(value, sort_keys=True, indent=1, allow_nan=False) + "\n"
