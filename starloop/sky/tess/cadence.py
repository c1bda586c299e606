"""When TESS integrates: two orbits a sector with a gap to send data down, in cadences of 2, 10 or 30 minutes."""

from dataclasses import dataclass

import numpy as np

from starloop.sky.populations.objects import Flags, Ints, Reals
from starloop.sky.tess.sectors import BTJD_ZERO_MJD, Sector, ecliptic, sun_longitude

TWO_MINUTES, TEN_MINUTES, THIRTY_MINUTES = 120, 600, 1800
"""Lengths of a cadence, seconds."""

FRAME_S, INTEGRATION_S = 2.0, 1.98
KEPT_SHARE = 0.8
"""Of each ten frames the highest and the lowest are dropped against cosmic rays."""

_DAY = 86400
_GAP_DAYS = 1.0
_LIGHT_TIME_DAYS = 499.0 / _DAY
# Cadences are counted on through all sectors; the 70444th of two minutes began sector 1.
_COUNTED_FROM, _COUNT = 1325.296, 70444
_TDB_MINUS_UTC_DAYS = 69.184 / _DAY


@dataclass(frozen=True)
class Schedule:
    """One sector's cadences, for one position.

    Parameters
    ----------
    sector : Sector
        The sector.
    length : int
        Of a cadence, seconds.
    number : array of shape (m,)
        Numbers of the cadences.
    time : array of shape (m,)
        Their middles at the Solar System's barycentre, days (BTJD).
    correction : array of shape (m,)
        What was added to the spacecraft's time for that, days.
    since, until : array of shape (m,)
        Days since the orbit's data began, and until they end.
    exposed : array of shape (m,)
        False in the gap between the orbits.
    """

    sector: Sector
    length: int
    number: Ints
    time: Reals
    correction: Reals
    since: Reals
    until: Reals
    exposed: Flags

    @property
    def step(self) -> float:
        """Length of a cadence, days."""
        return self.length / _DAY

    @property
    def readouts(self) -> float:
        """Frames that are summed in a cadence."""
        return KEPT_SHARE * self.length / FRAME_S

    @property
    def exposure(self) -> float:
        """Time that photons are counted in a cadence, seconds."""
        return self.readouts * INTEGRATION_S

    def instants(self) -> Reals:
        """Give instants within each cadence, shape (s, m), days (MJD, UTC): an image smears what happens in it."""
        samples = max(1, round(self.length / 360))
        offsets = (np.arange(samples) + 0.5) / samples - 0.5
        return self.time + BTJD_ZERO_MJD - _TDB_MINUS_UTC_DAYS + self.step * offsets[:, None]


def full_frame_length(sector: Sector) -> int:
    """Give the cadence of the full-frame images, seconds: half an hour in the first two years, ten minutes later."""
    return THIRTY_MINUTES if sector.number <= 26 else TEN_MINUTES


def schedule(sector: Sector, length: int, ra: float, dec: float) -> Schedule:
    """Lay out a sector's cadences of so many seconds for a position in degrees."""
    step = length / _DAY
    # The barycentre's time runs up to 8.3 minutes ahead: the last cadence must not lead out of the sector.
    spacecraft = np.arange(sector.begin + step / 2, sector.end - 0.01, step)
    longitude, latitude = np.radians(ecliptic(ra, dec))
    sun = np.radians([sun_longitude(sector.begin), sun_longitude(sector.end)])
    towards = np.interp(spacecraft, [sector.begin, sector.end], np.unwrap(sun))
    correction = -_LIGHT_TIME_DAYS * np.cos(latitude) * np.cos(longitude - towards)
    number = _COUNT * TWO_MINUTES // length + np.floor((spacecraft - _COUNTED_FROM) / step).astype(np.int64)
    orbit = (sector.end - sector.begin - _GAP_DAYS) / 2
    since = spacecraft - sector.begin
    since = np.where(since < orbit + _GAP_DAYS, since, since - orbit - _GAP_DAYS)
    return Schedule(
        sector, length, number, spacecraft + correction, correction, since, orbit - since, exposed=since < orbit
    )
