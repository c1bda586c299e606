"""One kind of magnitude an object, and only measured ones."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from starloop.features.photometry import SCHEMA, light_curves
from starloop.sky.simulator.write import make_sky
from starloop.sky.tables import DETECTIONS


def detection(mjd: float, fid: int = 1, **told: Any) -> dict[str, Any]:
    usual = {"oid": "ZTF1", "magpsf": 18.0, "sigmapsf": 0.1, "isdiffpos": 1.0, "corrected": False}
    return {name: {**usual, "mjd": mjd, "fid": fid, **told}.get(name) for name in DETECTIONS.names}


def corrected(mjd: float, fid: int = 1, **told: Any) -> dict[str, Any]:
    usual = {"corrected": True, "magpsf_corr": 15.0, "sigmapsf_corr": 0.02, "sigmapsf_corr_ext": 0.03}
    return detection(mjd, fid, **{**usual, **told})


def curve(*rows: dict[str, Any]) -> dict[str, Any]:
    (only,) = light_curves(pa.Table.from_pylist(list(rows), schema=DETECTIONS)).to_pylist()
    return only


def test_an_object_in_the_reference_image_has_apparent_magnitudes_only() -> None:
    told = curve(corrected(1.0), corrected(2.0, isdiffpos=-1.0), detection(3.0), corrected(4.0, 2))
    assert told["mjd"] == [1.0, 2.0, 4.0]
    assert told["mag"] == [15.0, 15.0, 15.0]
    assert told["band"] == ["g", "g", "r"]


def test_the_sentinel_error_gives_way_to_the_extended_source_error() -> None:
    assert curve(corrected(1.0), corrected(2.0, sigmapsf_corr=100.0))["err"] == [0.02, 0.03]


def test_a_row_whose_two_errors_are_sentinels_is_left_out() -> None:
    told = curve(corrected(1.0), corrected(2.0, sigmapsf_corr=100.0, sigmapsf_corr_ext=100.0))
    assert told["mjd"] == [1.0]


def test_new_light_has_difference_magnitudes_of_positive_detections() -> None:
    told = curve(detection(1.0), detection(2.0, isdiffpos=-1.0), detection(3.0, corrected=None))
    assert told["mjd"] == [1.0, 3.0]
    assert told["mag"] == [18.0, 18.0]


def test_a_host_matched_in_one_band_does_not_make_a_transient_a_variable_star() -> None:
    told = curve(corrected(1.0), corrected(2.0), detection(3.0, 2), detection(4.0, 2))
    assert told["mag"] == [18.0] * 4


def test_the_same_exposure_twice_is_one_point_but_bands_stay_apart() -> None:
    told = curve(detection(1.0), detection(1.0, sigmapsf=0.2), detection(1.0, 2))
    assert told["mjd"] == [1.0, 1.0]
    assert told["err"] == [0.1, 0.1]
    assert told["band"] == ["g", "r"]


def test_an_object_without_a_usable_row_keeps_its_place_with_an_empty_light_curve() -> None:
    told = curve(detection(1.0, isdiffpos=-1.0))
    assert (told["oid"], told["mjd"], told["mag"], told["err"], told["band"]) == ("ZTF1", [], [], [], [])
    assert told["detection_positive"] == [False]


def test_no_detections_give_no_light_curves() -> None:
    assert light_curves(DETECTIONS.empty_table()).equals(SCHEMA.empty_table())


def test_a_shuffled_sky_gives_the_same_sorted_light_curves(tmp_path: Path) -> None:
    make_sky(tmp_path / "sky", objects=60, seed=3)
    detections = pq.read_table(tmp_path / "sky" / "detections.parquet")
    curves = light_curves(detections)
    shuffled = detections.take(np.random.default_rng(0).permutation(len(detections)))
    assert light_curves(shuffled).equals(curves)
    assert curves["oid"].to_pylist() == sorted(set(detections["oid"].to_pylist()))
    assert all(times == sorted(times) for times in curves["mjd"].to_pylist())


def test_every_recorded_object_has_one_light_curve(recorded_sky: Path) -> None:
    detections = pq.read_table(recorded_sky / "detections.parquet")
    curves = light_curves(detections)
    assert curves["oid"].to_pylist() == sorted(set(detections["oid"].to_pylist()))
    assert max(max(errors, default=0.0) for errors in curves["err"].to_pylist()) < 100.0
