"""From light curves to answers: the model folder of a Bento, loaded once."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from starloop.endpoint.schemas import Answer, LightCurve, ModelCard
from starloop.errors import BadInput
from starloop.features import schema
from starloop.features.curves import SCHEMA
from starloop.features.extract import COUNTS, extract
from starloop.features.fluxes import magnitudes
from starloop.model.bundle import UNCERTAIN, Classifier, matrix

VERSION_FILE = "version.json"
Reals32 = NDArray[np.float32]


@dataclass(frozen=True)
class Answering:
    """One model version that answers.

    Parameters
    ----------
    classifier : Classifier
        Booster and bundle.
    version : int
        Its number in the registry.
    """

    classifier: Classifier
    version: int

    @classmethod
    def load(cls, folder: Path) -> "Answering":
        """Read a model folder with its registry number in ``version.json``.

        Raises
        ------
        BadInput
            When the folder is not whole, or this code computes other features than the model was trained with.
        """
        classifier = Classifier.load(folder)
        if classifier.bundle.feature_schema != schema.digest():
            raise BadInput(
                f"the model in {folder} was trained with other features than this code computes;"
                " build the Bento from the revision it was trained with, or train again"
            )
        try:
            version = json.loads((folder / VERSION_FILE).read_text())["version"]
        except FileNotFoundError:
            raise BadInput(f"{folder} has no {VERSION_FILE}; build the Bento again") from None
        return cls(classifier, version)

    @cached_property
    def card(self) -> ModelCard:
        """What the model is, without its booster and drift reference."""
        facts = self.classifier.bundle.model_dump(include=set(ModelCard.model_fields))
        return ModelCard(version=self.version, **facts)

    def answer(self, curves: Sequence[LightCurve]) -> tuple[list[Answer], Reals32]:
        """Classify light curves; give one answer each, in their order, and the features as `judged` takes them."""
        features = extract(table(curves))
        values = matrix(features, list(schema.NAMES))
        return self.judged([curve.id for curve in curves], values, with_anomaly=True), values

    def judged(self, ids: Sequence[str], values: Reals32, *, with_anomaly: bool) -> list[Answer]:
        """Classify objects by their features.

        Parameters
        ----------
        ids : sequence of str
            What the asker calls the objects.
        values : ndarray of float32, shape (objects, features)
            In the order of `starloop.features.schema.NAMES`; NaN is missing.
        with_anomaly : bool
            Say how odd they are, too; it takes longer than all the rest.

        Returns
        -------
        list of Answer
            In the same order.
        """
        bundle, seen = self.classifier.bundle, values[:, self._inputs]
        probabilities = self.classifier.scored(seen)
        forest = self.classifier.forest if with_anomaly else None
        odd: list[Any] = forest.anomaly(seen).tolist() if forest else [None] * len(values)
        too_few: NDArray[np.bool_] = np.logical_and.reduce(np.isnan(values[:, self._counts]), axis=1)
        return [
            # Nothing here comes from outside but the id, which was checked.
            Answer.model_construct(
                id=name,
                probabilities=dict(zip(bundle.classes, row, strict=True)),
                decision=UNCERTAIN if nothing else decision,
                anomaly=None if nothing else anomaly,
                too_few_points=nothing,
                model_version=self.version,
                dataset_md5=bundle.dataset_md5,
                prediction_id=str(uuid4()),
            )
            for name, row, decision, anomaly, nothing in zip(
                ids, probabilities.tolist(), self.classifier.decide(probabilities), odd, too_few.tolist(), strict=True
            )
        ]

    @cached_property
    def _inputs(self) -> slice | list[int]:
        names = self.classifier.bundle.features
        return slice(None) if names == list(schema.NAMES) else [schema.NAMES.index(name) for name in names]

    @cached_property
    def _counts(self) -> list[int]:
        return [schema.NAMES.index(name) for name in COUNTS]


def table(curves: Sequence[LightCurve]) -> pa.Table:
    """Give light curves as features are computed from them: columns of `starloop.features.curves.SCHEMA`.

    Fluxes become magnitudes, and those that are not positive upper limits, beside the limits given.
    """
    rows = [_row(curve) for curve in curves]
    return pa.table([pa.array([row[field.name] for row in rows], field.type) for field in SCHEMA], schema=SCHEMA)


def _row(curve: LightCurve) -> dict[str, Any]:
    told = {name: getattr(curve, name) for name in SCHEMA.names if name != "oid"} | {"oid": curve.id}
    if curve.flux is None or curve.flux_err is None:
        return told
    mag, err, detected = magnitudes(np.asarray(curve.flux), np.asarray(curve.flux_err))
    points = {"mjd": np.asarray(curve.mjd), "mag": mag, "err": err, "band": np.asarray(curve.band, dtype=object)}
    limits = {f"limit_{name}": points[name][~detected].tolist() for name in ("mjd", "mag", "band")}
    return {
        **told,
        **{name: values[detected].tolist() for name, values in points.items()},
        **{name: [*(told[name] or []), *values] for name, values in limits.items()},
    }
