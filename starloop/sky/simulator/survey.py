"""The survey: which field is exposed when, through which filter, and how deep.

ZTF in outline (Bellm et al. 2019, doi:10.1088/1538-3873/ab0c2a): one g and one r image a visit, a quarter of an hour
to an hour apart; the public survey visits a field every third night, the high-cadence programmes and the fields along
the Milky Way every night. Cloudy nights lose everything; fields they delayed are caught up with. The Galactic plane
itself is left out, unless a scenario turns the survey there.
"""

from dataclasses import dataclass

import numpy as np

from starloop.nights.calendar import Night
from starloop.sky.simulator.fields import field_centres, windows
from starloop.sky.simulator.heavens import galactic_latitude, moonlight
from starloop.sky.simulator.population import GREEN, RED, Flags, Ints, Reals
from starloop.sky.simulator.scenario import Scenario

FIRST_NIGHT, LAST_NIGHT = Night.parse("2020-01-01"), Night.parse("2020-06-30")
PLANE_DEG = 4.0

_MILKY_WAY_DEG, _NIGHTLY_SHARE, _REVISIT_NIGHTS, _ROOM = 10.0, 0.62, 3, 0.37
# Chance of a usable night at Palomar, January to June, and of the next night being like the last.
_CLEAR = {1: 0.68, 2: 0.68, 3: 0.66, 4: 0.76, 5: 0.82, 6: 0.9}
_SPELL = 0.4


@dataclass(frozen=True)
class Weather:
    """Which nights are usable, and how much deeper than usual each is (mag)."""

    clear: Flags
    depth: Reals


@dataclass(frozen=True)
class Exposures:
    """Exposures sorted by field, then time: columns of equal length.

    `field` counts from zero; `limit` is the 5-sigma limiting magnitude of a difference image.
    """

    field: Ints
    mjd: Reals
    fid: Ints
    limit: Reals

    def __len__(self) -> int:
        return len(self.mjd)

    def of_fields(self, field: Ints) -> tuple[Ints, Ints]:
        """Pair every object with every exposure of its field.

        Parameters
        ----------
        field : array of shape (n,)
            The field each object lies in.

        Returns
        -------
        which, exposure : arrays of one shape
            Object numbers and exposure numbers, by object and then by time.
        """
        start, end = np.searchsorted(self.field, field, "left"), np.searchsorted(self.field, field, "right")
        counts = end - start
        which = np.repeat(np.arange(len(field)), counts)
        within = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
        return which, start[which] + within


def _nights() -> Reals:
    return np.arange(FIRST_NIGHT.begin, LAST_NIGHT.end)


def draw_weather(rng: np.random.Generator) -> Weather:
    """Draw the weather of every night: clouds come in spells. The last night is clear and deep."""
    nights = list(FIRST_NIGHT.until(LAST_NIGHT))
    luck, stays = rng.uniform(size=len(nights)), rng.uniform(size=len(nights))
    clear = luck < [_CLEAR[night.date.month] for night in nights]
    for number in range(1, len(nights)):
        if stays[number] < _SPELL:
            clear[number] = clear[number - 1]
    depth = rng.normal(0.12, 0.12, len(nights)) - rng.exponential(0.2, len(nights))
    clear[-1], depth[-1] = True, 0.2
    return Weather(clear, depth)


def _expose(
    rng: np.random.Generator, weather: Weather, night: Ints, field: Ints, window: tuple[Reals, Reals]
) -> Exposures:
    """Take one g and one r image of each field on each night, somewhen in its window."""
    earliest, latest = window
    begin = rng.uniform(earliest, latest)
    mjd = np.concatenate([begin, begin + rng.uniform(0.012, 0.045, len(night))])
    green_first = rng.uniform(size=len(night)) < 0.5
    fid = np.concatenate([np.where(green_first, GREEN, RED), np.where(green_first, RED, GREEN)])
    field, night = np.tile(field, 2), np.tile(night, 2)
    moon = moonlight(mjd) * np.where(fid == GREEN, 0.8, 0.5)
    limit = np.where(fid == GREEN, 20.75, 20.6) - moon + weather.depth[night] + rng.normal(0, 0.12, len(mjd))
    order = np.lexsort((mjd, field))
    return Exposures(field[order], mjd[order], fid[order], limit[order])


def observe(rng: np.random.Generator, weather: Weather) -> Exposures:
    """Draw the ordinary survey: every exposure from the first night to the last."""
    earliest, latest = windows(_nights())
    ra, dec = field_centres()
    latitude = np.abs(galactic_latitude(ra, dec))
    covered = latitude >= PLANE_DEG
    nightly = (latitude < _MILKY_WAY_DEG) | (rng.uniform(size=len(ra)) < _NIGHTLY_SHARE)
    last = rng.integers(-3, 0, len(ra))
    done = np.zeros(earliest.shape, dtype=bool)
    for number in np.flatnonzero(weather.clear):
        up = covered & np.isfinite(earliest[number])
        waiting = np.flatnonzero(up & ~nightly & (number - last >= _REVISIT_NIGHTS))
        # A night has room for its third of the slow fields and some of those that clouds delayed, oldest first.
        room = round(_ROOM * np.count_nonzero(up & ~nightly))
        waiting = waiting[np.argsort(last[waiting], kind="stable")][:room]
        done[number, up & nightly] = True
        done[number, waiting] = True
        last[waiting] = number
    night, field = np.nonzero(done)
    return _expose(rng, weather, night, field, (earliest[done], latest[done]))


def given_up(scenario: Scenario, rng: np.random.Generator, exposures: Exposures) -> Exposures:
    """Give the exposures of the ordinary survey a scenario does not make: four in five from its night on."""
    lost = (exposures.mjd >= scenario.night.begin) & (rng.uniform(size=len(exposures)) < 0.8)
    return Exposures(exposures.field[lost], exposures.mjd[lost], exposures.fid[lost], exposures.limit[lost])


def turned_to_plane(scenario: Scenario, rng: np.random.Generator, weather: Weather) -> Exposures:
    """Draw the exposures a scenario adds: three pairs a clear night of every field near the plane."""
    earliest, latest = windows(_nights())
    near = np.abs(galactic_latitude(*field_centres())) < PLANE_DEG + 2
    after = weather.clear & (_nights() >= scenario.night.begin)
    night, field = np.nonzero(np.isfinite(earliest) & near[None, :] & after[:, None])
    night, field = np.repeat(night, 3), np.repeat(field, 3)
    return _expose(rng, weather, night, field, (earliest[night, field], latest[night, field]))
