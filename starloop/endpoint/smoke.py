"""The smoke test: known light curves, asked of an endpoint before anyone else asks it."""

import math
from typing import Any

import numpy as np

from starloop.endpoint import client
from starloop.errors import NotPromoted, StarloopError
from starloop.model.bundle import UNCERTAIN, Bundle

FIRST_MJD = 58_900.0


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
        "smoke-pulsating": 16.0 + 0.4 * np.sin(2.0 * math.pi * mjd / 0.5678),
        "smoke-supernova": explosion,
        "smoke-constant": np.full(mjd.size, 17.0),
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


def check(url: str, version: int, packed: Bundle) -> None:
    """Check that an endpoint answers, with the model that was packed for it.

    Parameters
    ----------
    url : str
        Of the endpoint.
    version : int
        The registry number it must answer with.
    packed : Bundle
        The facts of the packed model.

    Raises
    ------
    NotPromoted
        Says what is wrong.
    """
    curves = known()
    try:
        card = client.model(url)
        answers = client.classify(url, curves)
    except StarloopError as failure:
        raise NotPromoted(f"version {version} failed its smoke test: {failure}") from None
    expected = {"version": version, "feature_schema": packed.feature_schema, "dataset_md5": packed.dataset_md5}
    for name, value in expected.items():
        if card[name] != value:
            raise NotPromoted(f"version {version} failed its smoke test: its {name} is {card[name]}, not {value}")
    if [answer["id"] for answer in answers] != [curve["id"] for curve in curves]:
        raise NotPromoted(f"version {version} failed its smoke test: not one answer a light curve")
    for answer in answers:
        wrong = _wrong(answer, version, packed)
        if wrong:
            raise NotPromoted(f"version {version} failed its smoke test: {answer['id']}: {wrong}")


def _wrong(answer: dict[str, Any], version: int, packed: Bundle) -> str | None:
    probabilities = answer["probabilities"]
    if list(probabilities) != packed.classes:
        return "other classes than the packed model's"
    if not math.isclose(sum(probabilities.values()), 1.0, abs_tol=1e-6):
        return "probabilities that do not sum to one"
    if answer["decision"] not in (*packed.classes, UNCERTAIN):
        return f"the unknown decision {answer['decision']}"
    return None if answer["model_version"] == version else f"an answer of version {answer['model_version']}"
