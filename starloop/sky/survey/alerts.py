"""The alert stream as ALeRCE serves it: detections, with a few faults of the real one, and upper limits."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from starloop.sky.populations.objects import Flags, Ints, Reals
from starloop.sky.survey.identifiers import candids
from starloop.sky.survey.neighbours import moved, neighbour_offsets
from starloop.sky.survey.photometry import POGSON, SATURATED_MAG, Measured, magnitude
from starloop.sky.survey.release import release_error
from starloop.sky.survey.scores import deep_real_bogus, real_bogus
from starloop.sky.tables import DETECTIONS, NON_DETECTIONS

Texts = NDArray[np.object_]

# Of every thousand detections three come twice, and three carry a value that no check may let through.
DUPLICATE_SHARE = 0.003
BROKEN_SHARE = 0.003

_HISTORY_DAYS = 30.0
# A host's source or none is the nearest to a transient; the reference's errors are a little above a release's.
_HOSTLESS_SHARE, _REFERENCE_ERROR = 0.3, 1.6


def detections(
    rng: np.random.Generator,
    oid: Texts,
    objects_in_reference: Flags,
    ra: Reals,
    dec: Reals,
    number: Ints,
    measured: Measured,
) -> pa.Table:
    """Turn alerts into ALeRCE's detections, sorted by object and time.

    The corrected magnitude adds the reference's flux back where a reference source is near
    (Forster et al. 2021, doi:10.3847/1538-3881/abe9bc): its error excludes the reference's own and is 100 where that
    exceeds the measured one; the extended error keeps it. Transients have no reference source: null, not corrected.

    Parameters
    ----------
    oid : array of shape (n,)
        Names of the objects that `measured.which` counts.
    objects_in_reference : array of shape (n,)
    ra, dec : arrays of shape (n,)
        Degrees.
    number : array of shape (n,)
        Each object's number, unique in the sky and below `identifiers.MOST_OBJECTS`.
    """
    alerts = measured.take(measured.alert)
    which, n = alerts.which, len(alerts.which)
    brightness = np.abs(alerts.difference)
    corrected = objects_in_reference[which]
    shown = corrected & (alerts.reference + alerts.difference > 0)
    total = np.where(shown, alerts.reference + alerts.difference, np.nan)
    scale = _REFERENCE_ERROR * rng.lognormal(0, 0.25, (len(oid), 4))[which, alerts.fid] / POGSON
    known = np.where(corrected, alerts.reference, 1.0)
    excess = alerts.sigma**2 - (scale * release_error(magnitude(known), alerts.fid) * known) ** 2
    east, north = _scatter(rng, alerts, corrected)
    alert_ra, alert_dec = moved(ra[which], dec[which], east, north)
    columns: dict[str, NDArray[np.generic]] = {
        "mjd": alerts.mjd,
        "fid": alerts.fid,
        "magpsf": magnitude(brightness),
        "sigmapsf": POGSON * alerts.sigma / brightness,
        "magpsf_corr": magnitude(total),
        "sigmapsf_corr": np.where(shown & (excess <= 0), 100.0, POGSON * np.sqrt(np.maximum(excess, 0)) / total),
        "sigmapsf_corr_ext": POGSON * alerts.sigma / total,
        "isdiffpos": np.sign(alerts.difference),
        "rb": real_bogus(rng, alerts.bogus),
        "drb": deep_real_bogus(rng, alerts.bogus, alerts.mjd),
        "distnr": _nearest(rng, alerts, number, corrected, (east, north)),
        "diffmaglim": alerts.limit,
        "ra": alert_ra,
        "dec": alert_dec,
        "corrected": corrected,
        "dubious": ~corrected & (alerts.difference < 0),
    }
    sound = _break(rng, columns["magpsf"], columns["sigmapsf"])
    twice = np.flatnonzero(sound & (rng.uniform(size=n) < DUPLICATE_SHARE))
    rows = np.concatenate([np.arange(n), twice])
    rows = rows[np.lexsort((alerts.mjd[rows], _ranks(oid)[which[rows]]))]
    table = {
        "oid": pa.array(oid, pa.string()).take(which[rows]),
        "candid": candids(number[which], alerts.mjd).take(rows),
    }
    for name, column in columns.items():
        table[name] = pa.array(column[rows], DETECTIONS.field(name).type, from_pandas=True)
    return pa.table(table, schema=DETECTIONS)


def non_detections(oid: Texts, measured: Measured) -> pa.Table:
    """Give the upper limits an alert's history carries: exposures without one, up to 30 d before an alert."""
    rows = np.lexsort((measured.mjd, _ranks(oid)[measured.which]))
    which, mjd, alert = measured.which[rows], measured.mjd[rows], measured.alert[rows]
    # One axis for all objects, each a million days from the next: the next alert on it is the object's own.
    place = _ranks(oid)[which] * 1e6 + mjd
    next_alert = np.minimum.accumulate(np.where(alert, place, np.inf)[::-1])[::-1]
    unseen = ~alert & (measured.mag[rows] > SATURATED_MAG) & (next_alert - place <= _HISTORY_DAYS)
    rows = rows[unseen]
    return pa.table(
        [
            pa.array(oid, pa.string()).take(which[unseen]),
            mjd[unseen],
            measured.fid[rows].astype(np.int8),
            measured.limit[rows],
        ],
        NON_DETECTIONS,
    )


def _ranks(oid: Texts) -> Ints:
    """Give each name's place in the alphabet."""
    return np.argsort(np.argsort(oid.astype(str), kind="stable"), kind="stable")


def _scatter(rng: np.random.Generator, alerts: Measured, corrected: Flags) -> tuple[Reals, Reals]:
    """Draw the stream's astrometric scatter (arcsec): larger where a star was subtracted, and for weak alerts."""
    weakness = alerts.sigma / np.abs(alerts.difference)
    width = np.where(corrected, 0.08 + 0.9 * weakness, 0.05 + 0.25 * weakness)
    east, north = rng.standard_normal((2, len(width))) * width
    return east, north


def _nearest(
    rng: np.random.Generator, alerts: Measured, number: Ints, corrected: Flags, at: tuple[Reals, Reals]
) -> Reals:
    """Draw the distance to the nearest reference source (arcsec): itself, a neighbour, the host, or nothing near.

    A blend's source lies between the object and its neighbour, while the difference image shows the object's place.
    """
    which = alerts.which
    share = alerts.neighbour / np.where(alerts.reference > 0, alerts.reference, 1.0)
    east, north = (share * offset[which] for offset in neighbour_offsets(number))
    own = np.hypot(at[0] - east, at[1] - north)
    host = np.clip(rng.lognormal(1.2, 0.6, len(number)), 1.6, 28)
    host = np.where(rng.uniform(size=len(number)) < _HOSTLESS_SHARE, np.nan, host)
    return np.where(corrected | (alerts.neighbour > 0), own, np.hypot(host[which], at[0]))


def _break(rng: np.random.Generator, magpsf: NDArray[np.generic], sigmapsf: NDArray[np.generic]) -> Flags:
    """Spoil a few rows in place: the 100-mag sentinel, or an error that is not positive. Tell which rows stay sound."""
    draw = rng.uniform(size=len(magpsf))
    magpsf[draw < BROKEN_SHARE / 2] = 100.0
    sigmapsf[(draw >= BROKEN_SHARE / 2) & (draw < BROKEN_SHARE)] = 0.0
    return np.asarray(draw >= BROKEN_SHARE)
