"""From light curves to answers: the model folder of a Bento, loaded once."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pyarrow as pa

from starloop.endpoint.schemas import Answer, LightCurve, ModelCard
from starloop.errors import BadInput
from starloop.features import schema
from starloop.features.curves import SCHEMA
from starloop.features.extract import extract, too_few_points
from starloop.features.fluxes import magnitudes
from starloop.model.bundle import UNCERTAIN, Classifier

VERSION_FILE = "version.json"


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

    @property
    def card(self) -> ModelCard:
        """What the model is, without its booster and drift reference."""
        facts = self.classifier.bundle.model_dump(include=set(ModelCard.model_fields))
        return ModelCard(version=self.version, **facts)

    def answer(self, curves: Sequence[LightCurve]) -> tuple[list[Answer], pa.Table]:
        """Classify light curves.

        Returns
        -------
        list of Answer
            One a light curve, in their order.
        pyarrow.Table
            The features they were decided on, in the same order.
        """
        features = extract(table(curves))
        probabilities = self.classifier.probabilities(features)
        bundle = self.classifier.bundle
        too_few = too_few_points(features).tolist()
        answers = [
            Answer(
                id=curve.id,
                probabilities=dict(zip(bundle.classes, row, strict=True)),
                decision=UNCERTAIN if nothing else decision,
                too_few_points=nothing,
                model_version=self.version,
                dataset_md5=bundle.dataset_md5,
                prediction_id=str(uuid4()),
            )
            for curve, row, decision, nothing in zip(
                curves, probabilities.tolist(), self.classifier.decide(probabilities), too_few, strict=True
            )
        ]
        return answers, features


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
