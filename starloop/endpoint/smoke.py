"""The smoke test: known light curves, asked of an endpoint before anyone else asks it."""

import math
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
from tenacity import retry, retry_if_not_exception_type, stop_after_attempt, wait_fixed

from starloop.endpoint import client
from starloop.endpoint.answering import Answering
from starloop.endpoint.prediction_log import SMOKE
from starloop.endpoint.schemas import Answer, LightCurve
from starloop.errors import BadInput, NotPromoted, StarloopError
from starloop.features import schema
from starloop.model.bundle import UNCERTAIN, Bundle, Classifier

FIRST_MJD = 58_900.0
_TIMED = 5


def known() -> list[dict[str, Any]]:
    """Give three light curves, the same at every call: a pulsating star, a supernova and a constant star.

    Returns
    -------
    list of dict
        As ``POST /classify`` takes them; mjd in days, mag and err in magnitudes.
    """
    generator = np.random.default_rng(20200301)
    mjd = FIRST_MJD + np.sort(generator.uniform(0.0, 120.0, 80))
    day = mjd - FIRST_MJD
    noise = generator.normal(0.0, 0.03, mjd.size)
    explosion = 18.0 + 3.0 * (1.0 - np.exp(-np.square(day - 40.0) / 600.0))
    shapes = {
        f"{SMOKE}pulsating": 16.0 + 0.4 * np.sin(2.0 * math.pi * mjd / 0.5678),
        f"{SMOKE}supernova": explosion,
        f"{SMOKE}constant": np.full(mjd.size, 17.0),
    }
    band = ["g" if number % 2 else "r" for number in range(mjd.size)]
    return [
        {
            "id": name,
            "mjd": mjd.round(6).tolist(),
            "mag": (shape + noise).round(4).tolist(),
            "err": [0.03] * mjd.size,
            "band": band,
        }
        for name, shape in shapes.items()
    ]


def check(
    url: str, version: int, folder: Path, within_s: float = client.TIMEOUT_S, answer_within_s: float = math.inf
) -> None:
    """Check that an endpoint answers with the model that was packed for it, and as that model does in this process.

    Where this code computes other features than the model was trained with, only the form of the answers is checked.

    Parameters
    ----------
    url : str
        Of the endpoint.
    version : int
        The registry number it must answer with.
    folder : Path
        The packed model.
    within_s : float
        How long to wait for an answer, seconds.
    answer_within_s : float
        The longest one light curve may take, seconds, median of five requests.

    Raises
    ------
    NotPromoted
        Says what is wrong.
    """
    packed, curves = Classifier.load(folder), known()
    try:
        card, answers = _asked(url, curves, within_s)
        _card(card, version, packed.bundle)
        _answers(answers, _expected(packed, version, curves), version, packed.bundle)
        took = _seconds(url, curves[0], within_s) if answer_within_s < math.inf else 0.0
    except StarloopError as failure:
        raise NotPromoted(f"version {version} failed its smoke test: {failure}") from None
    if took > answer_within_s:
        raise NotPromoted(
            f"version {version} failed its smoke test: one light curve takes {took:.2f} s, not {answer_within_s:g} s"
        )


# A process that has only just started may drop a request; what it answers wrongly it would answer wrongly again.
@retry(stop=stop_after_attempt(3), wait=wait_fixed(1), retry=retry_if_not_exception_type(BadInput), reraise=True)
def _asked(url: str, curves: list[dict[str, Any]], within_s: float) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    return client.model(url, within_s), client.classify(url, curves, within_s)


def _card(card: dict[str, Any], version: int, packed: Bundle) -> None:
    expected = {"version": version, "feature_schema": packed.feature_schema, "dataset_md5": packed.dataset_md5}
    for name, value in expected.items():
        if card.get(name) != value:
            raise StarloopError(f"its {name} is {card.get(name)}, not {value}")


def _expected(packed: Classifier, version: int, curves: list[dict[str, Any]]) -> list[Answer] | None:
    if packed.bundle.feature_schema != schema.digest():
        return None
    return Answering(packed, version).answer([LightCurve.model_validate(curve) for curve in curves])[0]


def _answers(told: list[dict[str, Any]], expected: list[Answer] | None, version: int, packed: Bundle) -> None:
    if [answer["id"] for answer in told] != [curve["id"] for curve in known()]:
        raise StarloopError("not one answer a light curve")
    for number, answer in enumerate(told):
        wrong = _malformed(answer, version, packed) or (expected and _differs(answer, expected[number]))
        if wrong:
            raise StarloopError(f"{answer['id']}: {wrong}")


def _malformed(answer: dict[str, Any], version: int, packed: Bundle) -> str | None:
    probabilities = answer["probabilities"]
    if list(probabilities) != packed.classes:
        return "other classes than the packed model's"
    if not math.isclose(sum(probabilities.values()), 1.0, abs_tol=1e-6):
        return "probabilities that do not sum to one"
    if answer["decision"] not in (*packed.classes, UNCERTAIN):
        return f"the unknown decision {answer['decision']}"
    return None if answer["model_version"] == version else f"an answer of version {answer['model_version']}"


def _differs(answer: dict[str, Any], expected: Answer) -> str | None:
    for name, probability in expected.probabilities.items():
        if not math.isclose(answer["probabilities"][name], probability, rel_tol=1e-6, abs_tol=1e-9):
            return (
                f"{name} has probability {answer['probabilities'][name]:.6g}, the packed model says {probability:.6g}"
            )
    odd = answer.get("anomaly")
    if odd != expected.anomaly and not math.isclose(odd or math.inf, expected.anomaly or math.inf, rel_tol=1e-6):
        return f"its anomaly is {odd}, the packed model's {expected.anomaly}"
    for name in ("decision", "too_few_points"):
        if answer[name] != getattr(expected, name):
            return f"its {name} is {answer[name]}, the packed model's {getattr(expected, name)}"
    return None


def _seconds(url: str, curve: dict[str, Any], within_s: float) -> float:
    took = []
    for _ in range(_TIMED):
        began = time.monotonic()
        client.classify(url, [curve], within_s)
        took.append(time.monotonic() - began)
    return statistics.median(took)
