"""A light curve of a family fits that family's template best."""

import numpy as np
import pytest

from starloop.features import families as fitted
from starloop.features.screening import Points
from starloop.features.template_curves import FAMILIES, FIRST_DAY, STEP, TABLES, fluxes
from tests.unit.explosions import NOTHING, points


def drawn(family: str, stretch: float, reddening: float = 0.3) -> tuple[Points, Points]:
    """Observe a family's template every three days, stretched and reddened."""
    curves = fluxes()[FAMILIES.index(family)]
    day = np.arange(FIRST_DAY, FIRST_DAY + STEP * curves.shape[1], STEP)[: curves.shape[1]]
    time = np.arange(-12.0, 120.0, 3.0)
    bands = []
    for number, peak in enumerate((17.0 + reddening, 17.0)):
        flux = np.interp((time + 0.2 * number) / stretch, day, curves[number])
        bright = flux > 0.02
        bands.append(points(time[bright] + 0.2 * number, flux[bright], peak, seed=number))
    return bands[0], bands[1]


def told(g: Points, r: Points) -> dict[str, float]:
    return dict(zip(fitted.NAMES, fitted.families(g, r).tolist(), strict=True))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("stretch", [0.85, 1.3])
def test_a_family_is_known_by_its_template(family: str, stretch: float) -> None:
    seen = told(*drawn(family, stretch))
    chi2 = {name: seen[f"family_{name}_chi2"] for name in FAMILIES}
    assert min(chi2, key=chi2.__getitem__) == family
    assert seen[f"family_{family}_stretch"] == pytest.approx(stretch, abs=0.11)
    assert seen[f"family_{family}_colour"] == pytest.approx(0.3, abs=0.1)


def test_a_family_that_is_not_ia_fits_better_than_ia() -> None:
    assert told(*drawn("plateau", 1.05))["family_plateau_over_ia"] < -1.0
    assert told(*drawn("ia", 1.05))["family_plateau_over_ia"] > 1.0


def test_distance_changes_nothing() -> None:
    g, r = drawn("stripped", 1.05)
    far = [Points(one.time, one.mag + 2.0, one.err) for one in (g, r)]
    assert np.allclose(fitted.families(*far), fitted.families(g, r))


@pytest.mark.parametrize("number", range(3))
def test_too_few_points_and_one_band_alone_are_missing(number: int) -> None:
    g, r = drawn("ia", 1.0)
    few = [Points(one.time[:number], one.mag[:number], one.err[:number]) for one in (g, r)]
    assert np.isnan(fitted.families(*few)).all()
    assert np.isnan(fitted.families(g, NOTHING)).all()
    assert np.isnan(fitted.families(NOTHING, r)).all()


def test_templates_are_zero_before_first_light_and_one_at_their_maximum() -> None:
    for number, family in enumerate(FAMILIES):
        nodes, *bands = TABLES[family]
        assert all(len(mags) == len(nodes) for mags in bands)
        assert min(bands[0]) == 0.0
        assert nodes[int(np.argmin(bands[0]))] == 0
        assert np.allclose(fluxes()[number].max(axis=1), [10 ** (-0.4 * min(mags)) for mags in bands], rtol=1e-3)
        assert fluxes()[number, :, 0].max() == 0.0
