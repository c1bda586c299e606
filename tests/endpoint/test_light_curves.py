"""What the endpoint takes of a light curve, and how it becomes the columns that features are computed from."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from starloop.endpoint.answering import Answering, table
from starloop.endpoint.schemas import LightCurve
from starloop.features import schema
from starloop.model.bundle import Classifier

CURVE: dict[str, Any] = {"id": "one", "mjd": [1.0, 2.0], "band": ["g", "r"], "mag": [18.0, 17.0], "err": [0.1, 0.2]}
KNOWN: dict[str, Any] = {
    "apparent": False,
    "limit_mjd": [0.5],
    "limit_mag": [20.5],
    "limit_band": ["g"],
    "release_mjd": [1.0],
    "release_mag": [18.1],
    "release_err": [0.02],
    "release_band": ["r"],
    "tess_time": [1_500.0],
    "tess_flux": [1.01],
    "tess_err": [None],
    "detection_positive": [True, None],
    "detection_score": [0.9, None],
    "detection_distance": [None, 0.4],
    "galactic_latitude": -20.0,
    "nearest_source": 0.3,
    "redshift": 0.05,
}


@pytest.fixture(scope="module")
def answering(toy_model: Path) -> Answering:
    return Answering(Classifier.load(toy_model), 1)


def features(answering: Answering, curve: dict[str, Any]) -> dict[str, float]:
    values = answering.answer([LightCurve.model_validate(curve)])[1]
    return dict(zip(schema.NAMES, values[0].tolist(), strict=True))


def path(curve: dict[str, Any]) -> list[tuple[Any, ...]]:
    with pytest.raises(ValidationError) as wrong:
        LightCurve.model_validate(curve)
    return [error["loc"] for error in wrong.value.errors()]


def test_everything_that_is_known_reaches_the_features(answering: Answering) -> None:
    told = features(answering, CURVE | KNOWN)
    assert (told["reference_apparent"], told["detection_count"], told["detection_positive_share"]) == (0.0, 2.0, 1.0)
    assert told["release_r_observation_count"] == 1.0
    assert [told[name] for name in ("galactic_latitude", "nearest_source", "redshift")] == pytest.approx(
        [20.0, 0.3, 0.05]
    )
    alone = features(answering, CURVE)
    assert all(np.isnan(alone[name]) for name in ("reference_apparent", "detection_count", "galactic_latitude"))


def test_every_optional_field_may_be_null() -> None:
    assert LightCurve.model_validate(CURVE | dict.fromkeys(KNOWN)) == LightCurve.model_validate(CURVE)


@pytest.mark.parametrize("name", [name for name, value in KNOWN.items() if isinstance(value, list)])
def test_a_list_of_another_length_than_its_group_is_named(name: str) -> None:
    first = name.endswith(("_mjd", "_time", "_positive"))
    group = {other: 0 for other in KNOWN if other.startswith(name.split("_")[0]) and other != name}
    assert path(CURVE | KNOWN | {name: KNOWN[name] * 2}) == [(other,) for other in (group if first else [name])]


@pytest.mark.parametrize("name", [name for name, value in KNOWN.items() if isinstance(value, list)])
def test_a_group_without_one_of_its_lists_is_refused(name: str) -> None:
    assert path(CURVE | {other: value for other, value in KNOWN.items() if other != name})


@pytest.mark.parametrize(
    ("name", "value", "where"),
    [
        ("release_err", [0.0], ("release_err", 0)),
        ("release_mag", [float("nan")], ("release_mag", 0)),
        ("limit_band", ["z"], ("limit_band", 0)),
        ("detection_score", [0.5, 1.5], ("detection_score", 1)),
        ("detection_distance", [-1.0, 0.4], ("detection_distance", 0)),
        ("galactic_latitude", 91.0, ("galactic_latitude",)),
        ("redshift", float("inf"), ("redshift",)),
        ("apparent", "yes", ("apparent",)),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_path(name: str, value: object, where: tuple[Any, ...]) -> None:
    assert where in [loc[: len(where)] for loc in path(CURVE | KNOWN | {name: value})]


def test_magnitudes_or_fluxes_but_not_both_and_not_neither() -> None:
    fluxes = {"flux": [1.0, 2.0], "flux_err": [0.1, 0.1]}
    assert ("mag",) in path(CURVE | fluxes)
    assert path({name: value for name, value in CURVE.items() if name not in ("mag", "err")}) == [("mag",)]
    LightCurve.model_validate({name: CURVE[name] for name in ("id", "mjd", "band")} | fluxes)


def test_fluxes_give_the_features_of_their_magnitudes(answering: Answering) -> None:
    flux = [float(10 ** (0.4 * (31.4 - mag))) for mag in CURVE["mag"]]
    err = [one * sigma * np.log(10) / 2.5 for one, sigma in zip(flux, CURVE["err"], strict=True)]
    asked = {name: CURVE[name] for name in ("id", "mjd", "band")} | {"flux": flux, "flux_err": err}
    assert features(answering, asked) == pytest.approx(features(answering, CURVE), rel=1e-5, nan_ok=True)


def test_a_flux_that_is_not_positive_is_no_point_but_a_limit(answering: Answering) -> None:
    asked = {"id": "one", "mjd": [1.0, 2.0, 3.0], "band": ["g", "g", "r"], "flux": [-5.0, 0.0, 100.0]}
    curve = LightCurve.model_validate(
        asked | {"flux_err": [2.0, 20.0, 1.0], "limit_mjd": [0.5], "limit_mag": [20.0], "limit_band": ["r"]}
    )
    (told,) = table([curve]).to_pylist()
    assert (told["mjd"], told["mag"], told["band"]) == ([3.0], pytest.approx([26.4]), ["r"])
    assert (told["limit_mjd"], told["limit_band"]) == ([0.5, 1.0, 2.0], ["r", "g", "g"])
    assert told["limit_mag"] == pytest.approx([20.0, 28.9, 26.4])


@pytest.mark.parametrize("flux", [-1.0, 0.0, 5e-324, 1e308])
def test_extreme_fluxes_are_answered(answering: Answering, flux: float) -> None:
    asked = {"id": "one", "mjd": [1.0], "band": ["g"], "flux": [flux], "flux_err": [1e308]}
    (answer,), told = answering.answer([LightCurve.model_validate(asked)])
    assert answer.too_few_points
    assert not np.isinf(told).any()
