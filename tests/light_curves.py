"""Light curves of simulated objects, observed in the simplest way: two bands, on random nights of three years."""

import numpy as np
import pyarrow as pa

from starloop.model import taxonomy
from starloop.sky.populations.objects import GREEN, RED, Ints, Magnitude, Setting
from starloop.sky.simulator.kinds import KINDS

SETTING = Setting(58_200.0, 59_295.0)
# Magnitude at which a point is as faint as its limit of five sigma; errors of bright points level off.
_LIMIT, _SIGMAS, _LEAST_ERROR = 20.6, 5.0, 0.01
_POGSON = 2.5 / np.log(10)


def simulated(kind: str, number: int, seed: int, exposures: Ints) -> tuple[pa.Table, list[str]]:
    """Draw objects of one kind of the simulated sky, and observe them.

    Returns
    -------
    curves : pyarrow.Table
        Columns of `starloop.features.curves`: alert photometry, limits and `apparent`.
    labels : list of str
        The leaf of each.
    """
    rng = np.random.default_rng([seed, list(KINDS).index(kind)])
    objects = KINDS[kind].make(rng, number, SETTING)
    labels = [str(taxonomy.leaf(str(objects.catalogue), word)) for word in objects.types]
    return observed(rng, objects.mag, exposures, apparent=objects.in_reference, name=kind), labels


def lasting(exposures: Ints) -> pa.Table:
    """Observe objects of every kind that is there for years, in equal parts."""
    kinds = [kind for kind in KINDS if KINDS[kind].least_alerts >= 10]
    parts = zip(kinds, np.array_split(exposures, len(kinds)), strict=True)
    return pa.concat_tables([simulated(kind, len(part), 1, part)[0] for kind, part in parts]).combine_chunks()


def observed(rng: np.random.Generator, mag: Magnitude, exposures: Ints, *, apparent: bool, name: str) -> pa.Table:
    """Observe objects so many times in each of g and r.

    Fluxes scatter by a sky noise and one per cent; what is not five sigma above nothing is an upper limit.

    Parameters
    ----------
    rng : numpy.random.Generator
        Times and noise.
    mag : callable
        As `starloop.sky.populations.objects.Objects.mag`.
    exposures : array of shape (n,)
        Of each object, in each band.
    apparent : bool
        What its magnitudes are said to be.
    name : str
        What oids begin with.
    """
    which = np.repeat(np.arange(len(exposures)), 2 * exposures)
    night = rng.integers(SETTING.first_mjd, SETTING.last_mjd, len(which))
    mjd = night + rng.uniform(0.1, 0.5, len(which))
    fid = np.concatenate([np.repeat([GREEN, RED], number) for number in exposures])
    order = np.lexsort((mjd, which))
    which, mjd, fid = which[order], mjd[order], fid[order]

    flux = 10 ** (-0.4 * (mag(which, mjd, fid) - _LIMIT))
    sigma = np.hypot(1 / _SIGMAS, _LEAST_ERROR * flux)
    measured = flux + sigma * rng.standard_normal(len(flux))
    seen = measured > _SIGMAS * sigma.clip(max=1 / _SIGMAS)
    band = np.where(fid == GREEN, "g", "r")
    magnitude = _LIMIT - 2.5 * np.log10(np.where(seen, measured, 1.0))
    error = _POGSON * sigma / np.where(seen, measured, 1.0)
    columns = {"mjd": mjd, "mag": magnitude, "err": error, "band": band}
    limits = {"limit_mjd": mjd, "limit_mag": np.full(len(mjd), _LIMIT), "limit_band": band}
    return pa.table(
        {
            "oid": [f"{name}{number}" for number in range(len(exposures))],
            **{column: _lists(which, seen, values, len(exposures)) for column, values in columns.items()},
            **{column: _lists(which, ~seen, values, len(exposures)) for column, values in limits.items()},
            "apparent": np.full(len(exposures), apparent),
        }
    )


def _lists(which: Ints, chosen: np.ndarray, values: np.ndarray, number: int) -> pa.ListArray:
    ends = np.cumsum(np.bincount(which[chosen], minlength=number))
    return pa.ListArray.from_arrays(pa.array(np.append(0, ends), pa.int32()), pa.array(values[chosen]))
