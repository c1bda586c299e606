"""Which family of supernovae a light curve looks like: templates fitted to g and r together."""

import numpy as np
import numpy.typing as npt

from starloop.features.brightest import outburst
from starloop.features.screening import Points, Reals
from starloop.features.template_curves import FAMILIES, FIRST_DAY, LAST_DAY, STEP, fluxes

FEWEST_NIGHTS = 5
STRETCHES = (0.65, 0.75, 0.85, 0.95, 1.05, 1.15, 1.3, 1.5, 1.8, 2.2)
"""Of time: the family's own variety and the redshift."""
SHIFTS = tuple(range(-28, 29, 2))
"""Days from the brightest point to the template's maximum."""

NAMES: tuple[str, ...] = (
    *(f"family_{family}_{what}" for family in FAMILIES for what in ("chi2", "stretch", "colour")),
    *(f"family_{family}_over_ia" for family in FAMILIES[1:]),
)


def families(g: Points, r: Points) -> Reals:
    """Fit every family's template.

    A template may be stretched (`STRETCHES`) and shifted (`SHIFTS`) in time, the same in both bands, and scaled in
    each band alone, as distance and dust are not known; the best of all is kept. Given are the logarithm of the
    chi-square a point (plus 0.1), the stretch, the colour of the two scales (g - r at each band's maximum, mag) and
    the difference of that logarithm to the one of SN Ia. After Sako et al. 2011 (doi:10.1088/0004-637X/738/2/162),
    with no redshift asked for.

    Parameters
    ----------
    g, r : Points
        Screened points, days and magnitudes.

    Returns
    -------
    numpy.ndarray, shape (len(NAMES),)
        All NaN below `FEWEST_NIGHTS` points (a band a night) around the brightest, or with none in a band.
    """
    missing = np.full(len(NAMES), np.nan)
    if not len(g) or not len(r):
        return missing
    seen = outburst(g, r)
    if len(seen) < FEWEST_NIGHTS or seen.band.min() == seen.band.max():
        return missing
    scales, squares = [], 0.0
    for band in range(2):
        mine = seen.band == band
        weight = seen.err[mine] ** -2
        model = fluxes()[:, band][:, _places(seen.time[mine])]
        power = np.einsum("fstn,n->fst", model**2, weight)
        product = np.einsum("fstn,n->fst", model, weight * seen.flux[mine])
        scale = np.where(power > 0.0, product / np.where(power > 0.0, power, 1.0), 0.0)
        scales.append(scale)
        squares = squares + (weight * seen.flux[mine] ** 2).sum() - scale * product
    flat = np.reshape(squares, (len(FAMILIES), -1))
    best = flat.argmin(axis=1)
    chi2 = np.log(flat.min(axis=1).clip(0.0) / len(seen) + 0.1)
    stretch = np.array(STRETCHES)[best // len(SHIFTS)]
    blue, red = (np.take_along_axis(scale.reshape(flat.shape), best[:, None], 1)[:, 0] for scale in scales)
    with np.errstate(divide="ignore", invalid="ignore"):
        colour = -2.5 * np.log10(blue / red)
    values = np.concatenate([np.stack([chi2, stretch, colour], axis=1).ravel(), chi2[1:] - chi2[0]])
    return np.where(np.isfinite(values), values, np.nan)


def _places(time: Reals) -> npt.NDArray[np.intp]:
    """Give where in the templates each point falls, shape (stretches, shifts, points)."""
    day = (time - np.array(SHIFTS)[:, None]) / np.array(STRETCHES)[:, None, None]
    places: npt.NDArray[np.intp] = np.rint((day.clip(FIRST_DAY, LAST_DAY) - FIRST_DAY) / STEP).astype(np.intp)
    return places
