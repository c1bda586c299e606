"""The survey's schedule: which field is visited in which night, and through which filters.

ZTF in outline (Bellm et al. 2019, doi:10.1088/1538-3873/ab0c2a): one g and one r image a visit. The public survey
comes to a field every third night, from December 2020 on every second one. Until then the fields along the Milky Way
are visited every night, and so are those of high-cadence programmes, sometimes twice, and sometimes in i as well.
Cloudy nights lose everything; fields they delayed are caught up with. The Galactic plane itself is left out, unless a
scenario turns the survey there. Shares are drawn by hand, so that time gaps resemble those of public ZTF alerts.
"""

from dataclasses import dataclass

import numpy as np

from starloop.nights.calendar import Night
from starloop.sky.populations.galaxy import PLANE_DEG, galactic_latitude
from starloop.sky.populations.objects import GREEN, INFRARED, RED, Flags, Ints, Reals
from starloop.sky.survey.conditions import moon_glare, taken
from starloop.sky.survey.exposures import Exposures
from starloop.sky.survey.fields import FOR_A_PAIR, field_centres, windows
from starloop.sky.survey.heavens import sine_of_altitude

TWO_DAY_FROM = Night.parse("2020-12-01")

# Chance of a usable night at Palomar, January to December, and of the next night being like the last.
_CLEAR = (0.72, 0.68, 0.60, 0.70, 0.78, 0.90, 0.93, 0.93, 0.90, 0.88, 0.82, 0.68)
_SPELL = 0.4
_LAST_NIGHT_DEPTH = 0.2

_MILKY_WAY_DEG = 8.0
# The share of fields with a high-cadence programme, before and after the public survey's change.
_PROGRAMMES_BEFORE, _PROGRAMMES_AFTER = 0.12, 0.04
# Clear nights have room for a little more than the slow fields' due share, to catch up with what clouds delayed.
_SPARE = 1.1
# Chance that a slow field is visited a night early.
_EARLY = 0.15
_SECOND_PAIR, _INFRARED_VISIT, _REPEATED = 0.25, 0.11, 0.09
# Images that fail: clouds, bright stars, subtractions that do not work; under the Moon, more in g.
_LOST, _LOST_TO_MOON = 0.12, 0.3
_CHOICES = 4
_SHORTEST_GAP, _MEDIAN_GAP, _LONGEST_GAP = 0.01, 0.042, 0.14
_PLANE_PAIRS, _AROUND_PLANE_DEG = 3, 2.0

Window = tuple[Reals, Reals]
Images = tuple[Ints, Ints, Reals, Ints]


@dataclass(frozen=True)
class Span:
    """The nights of a survey, both included."""

    first: Night
    last: Night

    def begins(self) -> Reals:
        """Give the MJD at which each night begins."""
        return np.arange(self.first.begin, self.last.end)


@dataclass(frozen=True)
class Weather:
    """Which nights are usable, how much deeper than usual each is (mag), and its seeing as a share of the usual."""

    clear: Flags
    depth: Reals
    seeing: Reals


def draw_weather(rng: np.random.Generator, span: Span) -> Weather:
    """Draw the weather of every night: clouds come in spells. The last night is clear and deep."""
    nights = list(span.first.until(span.last))
    luck, stays = rng.uniform(size=len(nights)), rng.uniform(size=len(nights))
    clear = luck < [_CLEAR[night.date.month - 1] for night in nights]
    for number in range(1, len(nights)):
        if stays[number] < _SPELL:
            clear[number] = clear[number - 1]
    depth = rng.normal(0.05, 0.08, len(nights)) - rng.exponential(0.15, len(nights))
    seeing = rng.lognormal(0, 0.13, len(nights))
    clear[-1], depth[-1], seeing[-1] = True, _LAST_NIGHT_DEPTH, 1.0
    return Weather(clear, depth, seeing)


def observe(rng: np.random.Generator, span: Span, weather: Weather) -> Exposures:
    """Draw the ordinary survey: every exposure from the first night to the last."""
    nights = span.begins()
    window = windows(nights)
    latitude = np.abs(galactic_latitude(*field_centres()))
    luck = rng.uniform(size=len(latitude))
    two_day = nights >= TWO_DAY_FROM.begin
    programme = luck < np.where(two_day, _PROGRAMMES_AFTER, _PROGRAMMES_BEFORE)[:, None]
    nightly = programme | ((latitude < _MILKY_WAY_DEG) & ~two_day[:, None])
    up = np.isfinite(window[0]) & (latitude >= PLANE_DEG) & weather.clear[:, None]
    night, field = np.nonzero(up & _due(rng, up, nightly, np.where(two_day, 2, 3)))
    in_programme = programme[night, field]
    twice = np.flatnonzero(in_programme & (rng.uniform(size=len(night)) < _SECOND_PAIR))
    pairs = [_pair(rng, night, field, window), _pair(rng, night[twice], field[twice], window)]
    infrared = np.flatnonzero(in_programme & (rng.uniform(size=len(night)) < _INFRARED_VISIT))
    more = _moments(rng, night[infrared], field[infrared], window)
    pairs.append((night[infrared], field[infrared], more, np.full(len(infrared), INFRARED)))
    return _images(rng, weather, pairs)


def observe_plane(rng: np.random.Generator, span: Span, weather: Weather) -> Exposures:
    """Draw the exposures of a survey turned to the plane: three pairs a clear night of every field near it."""
    window = windows(span.begins())
    near = np.abs(galactic_latitude(*field_centres())) < PLANE_DEG + _AROUND_PLANE_DEG
    night, field = np.nonzero(np.isfinite(window[0]) & near & weather.clear[:, None])
    return _images(rng, weather, [_pair(rng, night, field, window) for _ in range(_PLANE_PAIRS)])


def _due(rng: np.random.Generator, up: Flags, nightly: Flags, revisit: Ints) -> Flags:
    """Tell which fields are visited in each night; all but `revisit`, of shape (nights,), are (nights, fields)."""
    last: Ints = rng.integers(-3, 0, (up.shape[1],))
    due = up & nightly
    for number in np.flatnonzero(up.any(axis=1)):
        slow = up[number] & ~nightly[number]
        early = rng.uniform(size=len(last)) < _EARLY
        waiting = np.flatnonzero(slow & (number - last >= revisit[number] - early))
        room = round(_SPARE / revisit[number] * np.count_nonzero(slow))
        due[number, waiting[np.argsort(last[waiting], kind="stable")][:room]] = True
        last[due[number]] = number
    return due


def _moments(rng: np.random.Generator, night: Ints, field: Ints, window: Window) -> Reals:
    """Draw when visits begin: of a few moments in the field's window, the one at which it stands highest."""
    earliest, latest = (edge[night, field] for edge in window)
    moments = earliest + (latest - earliest) * rng.uniform(size=(_CHOICES, len(night)))
    ra, dec = field_centres()
    best = np.argmax(sine_of_altitude(moments, ra[field], dec[field]), axis=0)
    return np.asarray(moments[best, np.arange(len(night))])


def _pair(rng: np.random.Generator, night: Ints, field: Ints, window: Window) -> Images:
    """Take one g and one r image of each field, an hour apart; some fields come a third time, in either filter."""
    begin = _moments(rng, night, field, window)
    end = window[1][night, field] + FOR_A_PAIR
    gap = np.clip(_MEDIAN_GAP * rng.lognormal(0, 0.6, len(night)), _SHORTEST_GAP, _LONGEST_GAP)
    first = rng.choice([GREEN, RED], len(night))
    again = np.flatnonzero(rng.uniform(size=len(night)) < _REPEATED)
    # Late in the window there is less time; a drawn share of it, so that no two images are taken at once.
    second = np.where(begin + gap < end, begin + gap, begin + (end - begin) * rng.uniform(0.3, 1, len(night)))
    mjd = np.concatenate([begin, second, (begin + (second - begin) * rng.uniform(0.3, 0.7, len(begin)))[again]])
    fid = np.concatenate([first, GREEN + RED - first, rng.choice([GREEN, RED], len(again))])
    return np.concatenate([night, night, night[again]]), np.concatenate([field, field, field[again]]), mjd, fid


def _images(rng: np.random.Generator, weather: Weather, parts: list[Images]) -> Exposures:
    """Give images their conditions, without those that fail."""
    night, field = (np.concatenate([part[column] for part in parts]) for column in (0, 1))
    mjd, fid = np.concatenate([part[2] for part in parts]), np.concatenate([part[3] for part in parts])
    lost = _LOST + _LOST_TO_MOON * np.where(fid == GREEN, moon_glare(mjd), 0)
    kept = rng.uniform(size=len(mjd)) >= lost
    night = night[kept]
    return taken(rng, field[kept], mjd[kept], fid[kept], weather.depth[night], weather.seeing[night])
