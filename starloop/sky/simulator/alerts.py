"""The alert stream as ALeRCE serves it: detections, with a few faults of the real one, and upper limits."""

import numpy as np
import pyarrow as pa

from starloop.sky.simulator.census import Census, Texts
from starloop.sky.simulator.photometry import POGSON, SATURATED_MAG, Measured, magnitude
from starloop.sky.simulator.population import Reals
from starloop.sky.tables import DETECTIONS, NON_DETECTIONS

# Of every thousand detections three come twice, and three carry a value that no check may let through.
DUPLICATE_SHARE = 0.003
BROKEN_SHARE = 0.003

_HISTORY_DAYS = 30.0
_ZTF_EPOCH_MJD = 57754.0
_ARCSEC = 1 / 3600


def detections(rng: np.random.Generator, census: Census) -> pa.Table:
    """Turn alerts into ALeRCE's detections, sorted by object and time.

    The corrected magnitude adds the reference's flux back where a reference source is near
    (Forster et al. 2021, doi:10.3847/1538-3881/abe9bc): its error excludes the reference's own and is 100 where that
    exceeds the measured one; the extended error keeps it. Transients have no reference source: null, not corrected.
    """
    alerts = census.measured.take(census.measured.alert)
    which, n = alerts.which, len(alerts.which)
    brightness = np.abs(alerts.difference)
    corrected = census.in_reference[which]
    total = alerts.reference + alerts.difference
    shown = corrected & (total > 0)
    total = np.where(shown, total, np.nan)
    of_reference = (10 ** rng.normal(-2.2, 0.2, (len(census), 3)))[which, alerts.fid] * alerts.reference
    excess = alerts.sigma**2 - of_reference**2
    ra, dec = _scattered(rng, census.ra[which], census.dec[which])
    columns = {
        "oid": census.oid[which],
        "candid": _candids(rng, census, alerts),
        "mjd": alerts.mjd,
        "fid": alerts.fid,
        "magpsf": magnitude(brightness),
        "sigmapsf": POGSON * alerts.sigma / brightness,
        "magpsf_corr": magnitude(total),
        "sigmapsf_corr": np.where(shown & (excess <= 0), 100.0, POGSON * np.sqrt(np.maximum(excess, 0)) / total),
        "sigmapsf_corr_ext": POGSON * alerts.sigma / total,
        "isdiffpos": np.sign(alerts.difference),
        "rb": np.where(alerts.bogus, rng.beta(2, 6, n), rng.beta(9, 2.6, n)),
        "drb": _deep_scores(rng, alerts),
        "distnr": _nearest(rng, census)[which] + rng.uniform(-0.05, 0.05, n),
        "diffmaglim": alerts.limit,
        "ra": ra,
        "dec": dec,
        "corrected": corrected,
        "dubious": ~corrected & (alerts.difference < 0),
    }
    _break(rng, columns)
    sound = (columns["magpsf"] < 99) & (columns["sigmapsf"] > 0)
    twice = np.flatnonzero(sound & (rng.uniform(size=n) < DUPLICATE_SHARE))
    rows = np.concatenate([np.arange(n), twice])
    rows = rows[np.lexsort((alerts.mjd[rows], columns["oid"][rows].astype(str)))]
    return pa.table(
        [pa.array(columns[of.name][rows], of.type, from_pandas=True) for of in DETECTIONS], schema=DETECTIONS
    )


def non_detections(census: Census) -> pa.Table:
    """Give the upper limits an alert's history carries: exposures without one, up to 30 d before an alert."""
    measured = census.measured
    order = np.lexsort((measured.mjd, measured.which))
    # One axis for all objects, each a million days from the next: the next alert on it is the object's own.
    place = (measured.which * 1e6 + measured.mjd)[order]
    next_alert = np.minimum.accumulate(np.where(measured.alert[order], place, np.inf)[::-1])[::-1]
    unseen = ~measured.alert[order] & (measured.mag[order] > SATURATED_MAG)
    limits = measured.take(order[unseen & (next_alert - place <= _HISTORY_DAYS)])
    oid = census.oid[limits.which]
    rows = np.lexsort((limits.mjd, oid.astype(str)))
    return pa.table([oid[rows], limits.mjd[rows], limits.fid[rows].astype(np.int8), limits.limit[rows]], NON_DETECTIONS)


def _scattered(rng: np.random.Generator, ra: Reals, dec: Reals) -> tuple[Reals, Reals]:
    """Move positions by the alert stream's astrometric scatter."""
    east, north = rng.normal(0, 0.09 * _ARCSEC, (2, len(ra)))
    return (ra + east / np.cos(np.radians(dec))) % 360, dec + north


def _candids(rng: np.random.Generator, census: Census, alerts: Measured) -> Texts:
    """Write each alert's identifier: the exposure's time, the readout channel, a number unique in the sky."""
    channel = rng.integers(0, 64, len(census))
    exposure = np.floor((alerts.mjd - _ZTF_EPOCH_MJD) * 1e6).astype(np.int64)
    return (exposure * 10**9 + channel[alerts.which] * 10**7 + 5 * 10**6 + alerts.which).astype(str).astype(object)


def _deep_scores(rng: np.random.Generator, alerts: Measured) -> Reals:
    """Draw deep-learning scores: near one for real alerts; one alert in fifty was never scored."""
    n = len(alerts.which)
    scores = np.where(alerts.bogus, rng.beta(1, 4, n), 1 - 10 ** rng.uniform(-5, -1, n))
    return np.where(rng.uniform(size=n) < 0.02, np.nan, scores)


def _nearest(rng: np.random.Generator, census: Census) -> Reals:
    """Draw the distance to the nearest reference source (arcsec): itself, the host, or nothing near."""
    own = 0.06 + rng.rayleigh(0.12, len(census))
    host = np.where(rng.uniform(size=len(census)) < 0.3, np.nan, np.clip(rng.lognormal(1.2, 0.6, len(census)), 1.6, 28))
    return np.where(census.in_reference, own, host)


def _break(rng: np.random.Generator, columns: dict[str, Reals]) -> None:
    """Spoil a few rows in place: the 100-mag sentinel, or an error that is not positive."""
    draw = rng.uniform(size=len(columns["mjd"]))
    columns["magpsf"][draw < BROKEN_SHARE / 2] = 100.0
    columns["sigmapsf"][(draw >= BROKEN_SHARE / 2) & (draw < BROKEN_SHARE)] = 0.0
