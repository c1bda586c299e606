"""What a classifier must do for physics' sake: invariances, directions, and a textbook example of every class.

The model is trained on a small simulated sky; the examples are drawn by hand (`textbook`), never by the simulator. No
claim rests on one light curve: each is the mean over `EXAMPLES` phases, nights and noises.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from starloop.features import bazin, schema
from starloop.features.extract import extract
from starloop.model import taxonomy
from starloop.model.boosting import Rows
from starloop.model.bundle import matrix
from starloop.model.calibration import Reals
from starloop.model.learning import Learned, learn
from starloop.model.params import TrainParams
from starloop.sky.populations.objects import Magnitude
from starloop.sky.simulator.kinds import KINDS
from tests.light_curves import observed, simulated
from tests.model import textbook

EXAMPLES = 12
NAMES = list(schema.NAMES)
UNLABELLED = {"CONST", "FLARE", "ULENS"}
# Of the supernovae with hydrogen one in six has narrow lines.
PER_KIND, MORE = 50, {"SNII": 150}
OFTEN, SELDOM = 300, 80
"""Exposures in each band in three years: of what is there for weeks, and for years."""

Transform = Callable[[pa.ChunkedArray], pa.Array]


@dataclass(frozen=True)
class Model:
    """What was learnt, and the classes in the order of its outputs."""

    learned: Learned
    classes: list[str]

    def probabilities(self, curves: pa.Table) -> Reals:
        """Give calibrated probabilities, shape (objects, classes)."""
        return self.learned.probabilities(matrix(extract(curves), NAMES))

    def share(self, mag: Magnitude, classes: Sequence[str], *, transient: bool = False) -> float:
        """Give the probability of some classes together, the mean over examples of one shape."""
        probabilities = self.probabilities(examples(mag, transient=transient))
        return float(probabilities[:, [self.classes.index(one) for one in classes]].sum(axis=1).mean())


def examples(mag: Magnitude, *, transient: bool = False, often: bool | None = None) -> pa.Table:
    """Observe a textbook's shape at several phases or nights."""
    exposures = np.full(EXAMPLES, OFTEN if transient or often else SELDOM)
    return observed(np.random.default_rng(5), mag, exposures, apparent=not transient, name="example")


@pytest.fixture(scope="module")
def sky() -> tuple[pa.Table, list[str]]:
    """Simulated light curves of every labelled kind, and their leaves."""
    tables, labels = [], []
    for kind in [kind for kind in KINDS if kind not in UNLABELLED]:
        number = MORE.get(kind, PER_KIND)
        exposures = np.full(number, OFTEN if KINDS[kind].least_alerts < 10 else SELDOM)
        curves, leaves = simulated(kind, number, 11, exposures)
        tables.append(curves)
        labels += leaves
    curves = pa.concat_tables(tables)
    seen = pc.greater_equal(pc.list_value_length(curves["mjd"]), 6).combine_chunks()
    return curves.filter(seen), pa.array(labels).filter(seen).to_pylist()


@pytest.fixture(scope="module")
def model(sky: tuple[pa.Table, list[str]]) -> Model:
    curves, labels = sky
    classes = taxonomy.ordered(set(labels))
    truth = np.array([classes.index(label) for label in labels])
    rows = Rows(matrix(extract(curves), NAMES), truth, np.arange(len(truth)), NAMES, len(classes))
    return Model(learn(rows, TrainParams(rounds=60, patience=5, max_depth=3, eta=0.2)), classes)


@pytest.fixture(scope="module")
def some(sky: tuple[pa.Table, list[str]]) -> pa.Table:
    """Some light curves of every class."""
    return sky[0].take(np.arange(0, len(sky[0]), 15))


def changed(curves: pa.Table, change: Transform, *columns: str) -> pa.Table:
    """Change the values of list columns, not their places."""
    for name in columns:
        at, values = curves.column_names.index(name), curves[name].combine_chunks()
        lists = pa.ListArray.from_arrays(values.offsets, change(values.values))
        curves = curves.set_column(at, name, lists)
    return curves


def values(features: pa.Table) -> dict[str, np.ndarray]:
    return {name: features[name].to_numpy() for name in NAMES}


# Invariances


def test_the_order_of_points_changes_no_bit(some: pa.Table) -> None:
    rng = np.random.default_rng(1)
    rows = some.to_pylist()
    for names in (("mjd", "mag", "err", "band"), ("limit_mjd", "limit_mag", "limit_band")):
        for row in rows:
            order = rng.permutation(len(row[names[0]]))
            row.update({name: [row[name][place] for place in order] for name in names})
    shuffled = pa.Table.from_pylist(rows, schema=some.schema)
    assert not shuffled.equals(some)
    assert matrix(extract(shuffled), NAMES).tobytes() == matrix(extract(some), NAMES).tobytes()


def test_a_shift_of_all_times_by_whole_days_changes_nothing_but_the_rounding_of_a_slope(some: pa.Table) -> None:
    times = [name for name in some.column_names if name.endswith("mjd")]
    shifted = changed(some, lambda mjd: pc.add(mjd, 1_000.0), *times)
    before, after = values(extract(some)), values(extract(shifted))
    slopes = {"g_linear_trend", "r_linear_trend"}
    assert {name for name in NAMES if after[name].tobytes() != before[name].tobytes()} <= slopes
    for name in slopes:
        np.testing.assert_allclose(after[name], before[name], rtol=1e-5)


# How bright an object is: levels, and what is divided by one. Whatever else is made of magnitudes is a difference.
BRIGHTNESS = {
    *(f"{band}_{name}" for band in "gr" for name in ("mean", "median", "weighted_mean", "peak_magnitude")),
    *("g_excess_variance", "r_excess_variance", "smooth_peak_g", "smooth_peak_r"),
}


def test_a_constant_magnitude_offset_changes_the_features_of_brightness_alone(some: pa.Table) -> None:
    fainter = changed(some, lambda mag: pc.add(mag, 0.75), "mag", "limit_mag")
    before, after = values(extract(some)), values(extract(fainter))
    differ = {name: 1 - np.isclose(after[name], before[name], 1e-3, 1e-5, equal_nan=True).mean() for name in NAMES}
    # A fit of an explosion to what did not explode is not determined: a rounding may lead it elsewhere.
    assert {name for name, share in differ.items() if share > 0.05} == BRIGHTNESS
    assert {name for name, share in differ.items() if share > 0} - BRIGHTNESS <= {
        f"{band}_{name}" for band in "gr" for name in bazin.NAMES
    }


def test_a_star_that_is_merely_farther_away_keeps_its_branch(model: Model) -> None:
    for name in ("RRL", "EA", "LPV", "QSO"):
        near = examples(textbook.CLASSES[name])
        far = changed(near, lambda mag: pc.add(mag, 0.5), "mag")
        answers = [model.learned.answers(model.probabilities(curves)) for curves in (near, far)]
        was, now = ([taxonomy.parents()[model.classes[one]] for one in answer] for answer in answers)
        assert sum(a == b for a, b in zip(was, now, strict=True)) >= EXAMPLES - 1


# Directions


def test_a_longer_period_of_the_same_shape_moves_from_short_pulsators_to_long_ones(model: Model) -> None:
    periods = (0.08, 0.55, 5.0, 12.0)
    shapes = [
        textbook.periodic(textbook.sawtooth(0.28), period=period, mag=14.0, amplitude=(0.9, 0.65), colour=0.45)
        for period in periods
    ]
    found = [np.median(extract(examples(shape))["period_log10"].to_numpy()) for shape in shapes]
    assert np.all(np.diff(found) > 0)
    assert found == pytest.approx(np.log10(periods), abs=0.02)
    short = [model.share(shape, ("DSCT", "RRL")) for shape in shapes]
    long = [model.share(shape, ("CEP", "LPV")) for shape in shapes]
    assert np.mean(short[:2]) > np.mean(short[2:])
    assert np.mean(long[:2]) < np.mean(long[2:])
    assert model.share(shapes[0], ("DSCT",)) > model.share(shapes[1], ("DSCT",))


def test_a_red_giant_that_swings_within_days_is_none(model: Model) -> None:
    slow, fast = (
        textbook.periodic(textbook.sine, period=period, mag=15.8, amplitude=(3.8, 3.0), colour=2.0)
        for period in (290.0, 3.0)
    )
    assert model.share(slow, ("LPV",)) > model.share(fast, ("LPV",))


def test_sharper_eclipses_move_from_contact_binaries_to_detached_ones(model: Model) -> None:
    # Both kinds are common at this period.
    shapes = [
        textbook.periodic(textbook.eclipses(width, 0.7), period=0.83, mag=16.0, amplitude=(0.7, 0.65), colour=0.5)
        for width in (0.5, 0.25, 0.08)
    ]
    detached = np.array([model.share(shape, ("EA",)) for shape in shapes])
    contact = np.array([model.share(shape, ("EB/EW",)) for shape in shapes])
    of_binaries = detached / (detached + contact)
    assert np.diff(of_binaries).min() > -0.05
    assert of_binaries[2] > of_binaries[0] + 0.3


def test_a_shorter_plateau_moves_away_from_supernovae_with_hydrogen(model: Model) -> None:
    long, short = (textbook.plateau(length) for length in (100.0, 15.0))
    assert model.share(short, ("SNII",), transient=True) < model.share(long, ("SNII",), transient=True)
    decline = [np.nanmedian(extract(examples(mag, transient=True))["r_decay_time"].to_numpy()) for mag in (long, short)]
    assert decline[0] > decline[1]


def test_a_slower_supernova_moves_from_the_thermonuclear_ones_to_the_superluminous_ones(model: Model) -> None:
    usual, slow = (textbook.standard_candle(stretch, peak=18.0) for stretch in (1.0, 2.5))
    superluminous = [model.share(mag, ("SLSN", "SNIIn", "TDE"), transient=True) for mag in (usual, slow)]
    thermonuclear = [model.share(mag, ("SNIa",), transient=True) for mag in (usual, slow)]
    assert superluminous[1] > superluminous[0]
    assert thermonuclear[1] < thermonuclear[0]


def test_a_larger_and_faster_random_walk_moves_from_quasars_to_blazars(model: Model) -> None:
    calm = textbook.walk(mag=18.3, deviation=0.12, memory=250.0, colour=0.25)
    wild = textbook.walk(mag=18.3, deviation=0.5, memory=15.0, colour=0.25)
    assert model.share(wild, ("Blazar",)) > model.share(calm, ("Blazar",))
    assert model.share(wild, ("QSO", "AGN")) < model.share(calm, ("QSO", "AGN"))


def test_outbursts_that_shrink_move_away_from_dwarf_novae(model: Model) -> None:
    bright, faint = (textbook.outbursts(mag=18.5, height=height, every=50.0, days=9.0) for height in (3.5, 0.2))
    assert model.share(faint, ("CV/Nova",)) < model.share(bright, ("CV/Nova",))


# Minimum functionality


def test_every_class_of_the_model_has_a_textbook_example(model: Model) -> None:
    assert set(model.classes) == set(textbook.CLASSES)


@pytest.mark.parametrize("leaf", textbook.CLASSES)
def test_a_textbook_example_is_put_into_its_branch_and_into_its_class_beyond_chance(leaf: str, model: Model) -> None:
    branch = taxonomy.parents()[leaf]
    transient = branch == "transient"
    curves = examples(textbook.CLASSES[leaf], transient=transient, often=leaf == "CV/Nova")
    mean = model.probabilities(curves).mean(axis=0)
    of_branch = dict.fromkeys(taxonomy.others(), 0.0)
    for name, probability in zip(model.classes, mean, strict=True):
        of_branch[taxonomy.parents()[name]] += probability
    assert max(of_branch, key=lambda name: of_branch[name]) == branch
    assert mean[model.classes.index(leaf)] > 1 / len(model.classes)
