"""Rest-frame light curves as tables, and how they look through the survey's filters from a redshift.

A rest-frame light curve is known at four wavelengths: near the u band's and at ZTF's g, r and i. A filter at redshift z
sees the light emitted at its wavelength over 1 + z: the curve is interpolated there between the two neighbours,
linearly in wavelength, and made 2.5 log10(1 + z) mag brighter. That stands for the K correction. It knows no spectral
lines, and light bluer than u (g beyond z = 0.33) is taken to be as bright as u.
"""

from collections.abc import Callable, Sequence

import numpy as np

from starloop.sky.populations.cosmology import dimming
from starloop.sky.populations.explosions import Events
from starloop.sky.populations.galaxy import extinction
from starloop.sky.populations.objects import NOT_THERE, Ints, Magnitude, Reals

RestFrame = Callable[[Ints, Reals, Ints], Reals]
"""``rest(which, day, band)``: absolute AB magnitude at `BANDS_NM[band]`, so many rest-frame days after first light."""

BANDS_NM = np.array([360.0, 478.0, 642.0, 787.0])
"""Effective wavelengths of u and of ZTF's g, r and i."""

HOST_EXTINCTION = np.array([4.24, 3.3, 2.31, 1.71])
"""Extinction over E(B-V) in the host's frame, by band (Schlafly & Finkbeiner 2011, doi:10.1088/0004-637X/737/2/103)."""

_STEP, _LAST = 0.5, 600.0  # template days


def curves(days: Sequence[float], *bands: Sequence[float]) -> Reals:
    """Draw smooth curves through magnitudes given on some days.

    Between the days runs a cubic that has no extremes of its own (Fritsch & Butland 1984, doi:10.1137/0905021);
    after the last day the last slope goes on.

    Parameters
    ----------
    days : sequence of shape (k,)
        Template days after the first light, from 0 on.
    *bands : sequences of shape (k,)
        Magnitudes below maximum (or absolute ones), a sequence for u, g, r and i each.

    Returns
    -------
    array of shape (bands, steps)
    """
    x, y = np.asarray(days, dtype=np.float64), np.asarray(bands, dtype=np.float64)
    slope = np.diff(y) / np.diff(x)
    before, after = slope[:, :-1], slope[:, 1:]
    same = before * after > 0
    middle = np.where(same, 2 * before * after / np.where(same, before + after, 1), 0)
    tangent = np.concatenate([slope[:, :1], middle, slope[:, -1:]], axis=1)
    day = np.arange(0, _LAST + _STEP, _STEP)
    cell = np.clip(np.searchsorted(x, day, side="right") - 1, 0, len(x) - 2)
    width = np.diff(x)[cell]
    t = (day - x[cell]) / width
    late = np.maximum(t - 1, 0)
    t = np.minimum(t, 1)
    return np.asarray(
        y[:, cell] * (1 + 2 * t) * (1 - t) ** 2
        + y[:, cell + 1] * t**2 * (3 - 2 * t)
        + width * (tangent[:, cell] * t * (1 - t) ** 2 + tangent[:, cell + 1] * (t**2 * (t - 1) + late))
    )


def read(table: Reals, row: Ints, day: Reals) -> Reals:
    """Read a table of `curves`: row `row` on day `day`, linearly between its steps; later than the table, its end."""
    place = np.minimum(day / _STEP, table.shape[1] - 1.001)
    cell = place.astype(np.int64)
    at = row * table.shape[1] + cell
    flat = table.ravel()
    early = flat[at]
    return np.asarray(early + (flat[at + 1] - early) * (place - cell))


def stretched(table: Reals, kind: Ints, peak: Reals, maximum: Reals, rise: Reals, fall: Reals) -> RestFrame:
    """Make light curves from tables whose days before and after maximum are stretched by each object's own factors.

    Parameters
    ----------
    table : array of shape (kinds * 4, steps)
        Four `curves` a kind.
    kind : array of shape (n,)
        Which four.
    peak : array of shape (n, 4)
        Absolute magnitude at which a curve is 0, by band.
    maximum : array of shape (n,)
        The template day up to which `rise` stretches the days and after which `fall` does.
    rise, fall : array of shape (n,)
        The factors.
    """
    levels, bands = peak.ravel(), peak.shape[1]
    top = maximum * rise

    def rest(which: Ints, day: Reals, band: Ints) -> Reals:
        before = day < top[which]
        template = np.where(before, day / rise[which], maximum[which] + (day - top[which]) / fall[which])
        return np.asarray(levels[bands * which + band] + read(table, bands * kind[which] + band, template))

    return rest


def observed(events: Events, rest: RestFrame, host: Reals) -> Magnitude:
    """See rest-frame light curves from here, through the dust of their hosts and of our Galaxy.

    Parameters
    ----------
    events : Events
        Where and when they explode.
    rest : RestFrame
        Their light curves.
    host : array of shape (n,)
        E(B-V) in the host, mag.
    """
    slower = 1 + events.redshift
    place = np.interp(BANDS_NM[1:] / slower[:, None], BANDS_NM, np.arange(4.0))
    lower = np.minimum(place.astype(np.int64), 2)
    weights, lowers = (place - lower).ravel(), lower.ravel()
    fids = np.array([1, 2, 3])
    fainter = (
        dimming(events.redshift)[:, None]
        + extinction(events.reddening[:, None], fids)
        + host[:, None] * np.interp(place, np.arange(4.0), HOST_EXTINCTION)
    ).ravel()

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        day = (mjd - events.exploded[which]) / slower[which]
        mags = np.full(np.shape(day), NOT_THERE)
        shines = day > 0
        which, day = which[shines], day[shines]
        cell = 3 * which + fid[shines] - 1
        band, weight = lowers[cell], weights[cell]
        blue = rest(which, day, band)
        mags[shines] = fainter[cell] + blue + weight * (rest(which, day, band + 1) - blue)
        return mags

    return mag
