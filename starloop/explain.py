"""Why a prediction came out as it did, back to the archives: `starloop explain`."""

from typing import Any

from starloop import predictions, provenance
from starloop.errors import BadInput
from starloop.model.bundle import UNCERTAIN, Bundle, Classifier
from starloop.model.score import prediction_ids
from starloop.predictions import Prediction
from starloop.workspace import Workspace

DECIDING = 5


def explain(place: Workspace, prediction_id: str) -> dict[str, Any]:
    """Explain one prediction.

    Parameters
    ----------
    place : Workspace
        Its home has the predictions, its registry the model that made them.
    prediction_id : str
        From a night's predictions, or from an answer of the endpoint.

    Returns
    -------
    dict
        JSON values. ``asked``: where and when; ``answer``: decision, probabilities, and ``best``: the class that was
        named or would have been, ``threshold``, which its probability has to reach, every class's ``thresholds``, and
        ``anomaly``, None where it was not told;
        ``model``: version, code, night, sky; ``dataset``: as `provenance.dataset`; ``object``: as
        `provenance.fetched`, None for an object that was never fetched; ``deciding``: the features that decided, with
        ``value`` (None where missing), ``contribution`` and ``quantile`` in the training reference; ``notes``:
        sentences on what cannot be told.

    Raises
    ------
    BadInput
        When there is no such prediction, or the registry no longer has the version that made it.
    """
    return told(place, predictions.find(place.home, prediction_id))


def told(place: Workspace, found: Prediction) -> dict[str, Any]:
    """Explain a prediction that was found, as `explain`."""
    classifier = _classifier(place, found.version)
    bundle, notes = classifier.bundle, list[str]()
    best = _best(bundle, found)
    if found.decision == UNCERTAIN and found.probabilities[best] >= bundle.thresholds[best]:
        notes.append(
            "no class is named without a usable point, whatever the model says of an object it knows nothing of"
        )
    dataset = provenance.dataset(place.home, bundle.dataset_md5, bundle.night)
    if dataset["lock"] is None:
        notes.append("no kept dvc.lock names the model's data set any more: its nights were run again since")
    elif dataset["nights"] is None:
        notes.append("the list of the data set's nights is not in DVC's cache: restore it by its lock (dvc fetch)")
    night = found.night or provenance.last_night_of(place.home, found.oid)
    if found.night is None:
        notes.append("the endpoint answers from what it was sent, which need not be what the archives say")
    if night is None:
        notes.append(f"no object called {found.oid} was ever fetched")
    return {
        "prediction_id": found.id,
        "asked": {
            "oid": found.oid,
            "of": "night" if found.night else "endpoint",
            "night": str(found.night) if found.night else None,
            "answered_at": found.answered_at,
        },
        "answer": {
            "decision": found.decision,
            "best": best,
            "threshold": bundle.thresholds[best],
            "thresholds": bundle.thresholds,
            "probabilities": found.probabilities,
            "anomaly": found.anomaly,
        },
        "model": {
            "version": found.version,
            **{name: getattr(bundle, name) for name in ("git_revision", "night", "sky", "origin", "feature_schema")},
        },
        "dataset": dataset,
        "object": provenance.fetched(place.home, night, found.oid) if night else None,
        "deciding": _deciding(classifier, found, notes),
        "notes": notes,
    }


def _classifier(place: Workspace, version: int) -> Classifier:
    """Load a version from the home, or else from the registry."""
    folder = place.home.version(version)
    try:
        return Classifier.load(folder)
    except BadInput:
        return Classifier.load(place.registry().fetch(version, folder))


def _best(bundle: Bundle, found: Prediction) -> str:
    import numpy as np

    row = np.array([[found.probabilities[name] for name in bundle.classes]])
    return bundle.classes[int(bundle.answers(row)[0])]


def _deciding(classifier: Classifier, found: Prediction, notes: list[str]) -> list[dict[str, Any]] | None:
    from starloop.model.importance import deciding

    bundle = classifier.bundle
    if found.features is None or not set(bundle.features) <= set(found.features.column_names):
        notes.append("the features it was decided on are gone: restore the night by its dvc.lock")
        return None
    if found.night and prediction_ids(found.night, found.features, found.version, bundle.features) != [found.id]:
        notes.append("the night's features were computed again since and are others: restore the night by its dvc.lock")
        return None
    return [
        {
            "feature": name,
            "value": value,
            "contribution": contribution,
            "quantile": _quantile(bundle.reference["features"].get(name, []), value),
        }
        for name, value, contribution in deciding(classifier, found.features, DECIDING)
    ]


def _quantile(reference: list[float | None], value: float | None) -> float | None:
    """Give the share of the training reference's values that are not above one."""
    known = [one for one in reference if one is not None]
    if value is None or not known:
        return None
    return round(sum(one <= value for one in known) / len(known), 3)
