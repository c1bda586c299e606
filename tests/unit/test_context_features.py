"""What is computed from the alerts' own words, from TESS and from what is known besides."""

import numpy as np
import pyarrow as pa
import pytest

from starloop.features import context, detections, tess
from starloop.features.curves import complete

DAYS = np.arange(0.0, 26.0, 1.0 / 720.0)


def told(module: object, **known: object) -> dict[str, float]:
    points: dict[str, object] = {"mjd": [], "mag": [], "err": [], "band": []}
    curves = complete(pa.Table.from_pylist([{"oid": "ZTF0", **points, **known}, {"oid": "ZTF1", **points}]))
    compute = getattr(module, module.__name__.rsplit(".", 1)[-1])  # type: ignore[attr-defined]
    known_row, empty_row = compute(curves)
    assert np.isnan(empty_row).all()
    return dict(zip(module.NAMES, known_row.tolist(), strict=True))  # type: ignore[attr-defined]


def seen(flux: np.ndarray, days: np.ndarray = DAYS) -> dict[str, float]:
    return told(tess, tess_time=days.tolist(), tess_flux=flux.tolist(), tess_err=[0.001] * len(days))


def test_detections_are_counted_and_their_medians_taken() -> None:
    of = told(
        detections,
        detection_score=[0.9, None, 0.5, 0.7],
        detection_distance=[0.2, 0.4, 3.0, None],
        detection_positive=[True, False, True, None],
        apparent=True,
    )
    assert of["detection_count"] == 4.0
    assert of["detection_positive_share"] == pytest.approx(2 / 3)
    assert (of["detection_middle_score"], of["detection_lowest_score"]) == (0.7, 0.5)
    assert of["reference_share"] == pytest.approx(2 / 3)
    assert (of["reference_distance"], of["reference_distance_scatter"]) == (0.4, 0.2)
    assert of["reference_apparent"] == 1.0


def test_values_that_cannot_be_are_not_known() -> None:
    of = told(detections, detection_score=[2.0], detection_distance=[-999.0], detection_positive=[None], apparent=None)
    assert of.pop("detection_count") == 1.0
    assert np.isnan(list(of.values())).all()
    assert np.isnan(list(told(context, galactic_latitude=200.0, nearest_source=-1.0, redshift=99.0).values())).all()


def test_context_has_the_distance_from_the_galactic_plane() -> None:
    assert told(context, galactic_latitude=-30.0, redshift=0.1)["galactic_latitude"] == 30.0


@pytest.mark.parametrize("period", [0.06, 0.5678, 1.7])
def test_the_period_amplitude_and_smoothness_of_a_pulsating_star_are_seen_by_tess(period: float) -> None:
    noise = np.random.default_rng(0).normal(0.0, 0.001, len(DAYS))
    of = seen(1.0 + 0.02 * np.sin(2.0 * np.pi * DAYS / period) + noise)
    assert 10 ** of["tess_period_log10"] == pytest.approx(period, rel=0.02)
    assert of["tess_period_power"] > 0.95
    assert of["tess_amplitude"] == pytest.approx(0.02, rel=0.1)
    assert of["tess_scatter"] == pytest.approx(0.02 / np.sqrt(2.0), rel=0.1)
    assert of["tess_span"] == pytest.approx(26.0, abs=0.02)


def test_noise_alone_is_not_smooth_and_has_no_strong_period() -> None:
    of = seen(1.0 + np.random.default_rng(0).normal(0.0, 0.001, len(DAYS)))
    assert of["tess_von_neumann"] == pytest.approx(2.0, abs=0.2)
    assert of["tess_period_power"] < 0.02


def test_flux_units_and_the_order_and_repetition_of_points_do_not_matter() -> None:
    flux = 500.0 * (1.0 + 0.02 * np.sin(DAYS))
    order = np.random.default_rng(0).permutation(len(DAYS))
    again = np.append(order, order[:100])
    plain = seen(flux)
    assert seen(flux[again], DAYS[again]) == plain
    del plain["tess_signal_to_noise"]
    relative = seen(flux / 500.0)
    assert {name: relative[name] for name in plain} == pytest.approx(plain, rel=1e-6)


@pytest.mark.parametrize(
    "flux", [np.full(len(DAYS), 3.0), -np.ones(len(DAYS)), np.full(len(DAYS), np.nan), np.full(len(DAYS), np.inf)]
)
def test_a_flux_that_says_nothing_gives_missing_features(flux: np.ndarray) -> None:
    assert np.isnan(list(seen(flux).values())).all()


def test_fluxes_that_have_no_level_in_common_give_missing_features() -> None:
    flux = np.where(np.arange(len(DAYS)) % 2 == 0, 1e300, -1e300)
    flux[0] = 1.0
    assert np.isnan(list(seen(flux[:-1], DAYS[:-1]).values())).all()


def test_a_few_tess_points_give_missing_features() -> None:
    assert np.isnan(list(seen(np.linspace(1.0, 2.0, 15), np.arange(15.0)).values())).all()


@pytest.mark.parametrize("flux", [1e-320, 1e-300, 1e300, 1.7e308])
def test_a_flux_of_any_size_gives_no_infinite_feature(flux: float) -> None:
    mixed = np.where(np.arange(len(DAYS)) % 7 == 0, 1e300, flux)
    assert not np.isinf(np.float32(list(seen(mixed).values()))).any()
