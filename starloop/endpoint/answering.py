"""From light curves to answers: the model folder of a Bento, loaded once."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pyarrow as pa

from starloop.endpoint.schemas import Answer, LightCurve, ModelCard
from starloop.errors import BadInput
from starloop.features import schema
from starloop.features.extract import extract
from starloop.model.bundle import Classifier

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
        features = extract(_table(curves))
        probabilities = self.classifier.probabilities(features)
        bundle = self.classifier.bundle
        answers = [
            Answer(
                id=curve.id,
                probabilities=dict(zip(bundle.classes, row, strict=True)),
                decision=decision,
                model_version=self.version,
                dataset_md5=bundle.dataset_md5,
                prediction_id=str(uuid4()),
            )
            for curve, row, decision in zip(
                curves, probabilities.tolist(), self.classifier.decide(probabilities), strict=True
            )
        ]
        return answers, features


def _table(curves: Sequence[LightCurve]) -> pa.Table:
    reals = pa.list_(pa.float64())
    return pa.table(
        {
            "oid": pa.array([curve.id for curve in curves], pa.string()),
            "mjd": pa.array([curve.mjd for curve in curves], reals),
            "mag": pa.array([curve.mag for curve in curves], reals),
            "err": pa.array([curve.err for curve in curves], reals),
            "band": pa.array([curve.band for curve in curves], pa.list_(pa.string())),
        }
    )
