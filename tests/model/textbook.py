"""Light curves as a textbook draws them: one shape a class, written down by hand and not by the simulator.

Each function gives a magnitude as `starloop.sky.populations.objects.Objects.mag` does; object number `which` differs
from the others in phase, or in the night of its maximum.
"""

from collections.abc import Callable

import numpy as np

from starloop.sky.populations.objects import GREEN, RED, Ints, Magnitude, Reals
from tests.light_curves import SETTING

Fold = Callable[[Reals], Reals]

_GOLDEN = 0.5 * (5**0.5 - 1)


def periodic(fold: Fold, *, period: float, mag: float, amplitude: tuple[float, float], colour: float) -> Magnitude:
    """Repeat a shape.

    Parameters
    ----------
    fold : callable
        From phases, 0 to 1, to a magnitude between 0 (brightest) and 1.
    period : float
        Days.
    mag : float
        In r, halfway.
    amplitude : tuple of float
        From brightest to faintest, in g and r.
    colour : float
        g - r, halfway.
    """

    def of(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        phase = (mjd / period + _GOLDEN * which) % 1
        height = np.where(fid == GREEN, amplitude[0], amplitude[1])
        return mag + np.where(fid == GREEN, colour, 0.0) + height * (fold(phase) - 0.5)

    return of


def sine(phase: Reals) -> Reals:
    """Fade and brighten alike, as small pulsations and spots do."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * phase)


def sawtooth(rise: float) -> Fold:
    """Rise steeply, in a share of the period, and fade slowly, as RR Lyrae and delta Cephei do."""
    return lambda phase: np.where(phase < 1 - rise, phase / (1 - rise), (1 - phase) / rise)


def eclipses(width: float, second: float = 0.4) -> Fold:
    """Rest but for two dips of a width (in phase); half a period wide, they touch: there is no rest.

    Parameters
    ----------
    width : float
        Of each dip, up to 0.5.
    second : float
        Depth of the second over that of the first.
    """

    def fold(phase: Reals) -> Reals:
        first = np.abs((phase + 0.5) % 1 - 0.5)
        other = np.abs(phase - 0.5)
        dips = [np.where(gap < width / 2, 0.5 + 0.5 * np.cos(2 * np.pi * gap / width), 0.0) for gap in (first, other)]
        return np.maximum(dips[0], second * dips[1])

    return fold


def explosion(
    *, rise: float, peak: float, colour: float, reddens: float, days: list[float], fades: list[float]
) -> Magnitude:
    """Explode once, on a night that differs from object to object.

    Parameters
    ----------
    rise : float
        Days from nothing to maximum.
    peak : float
        Magnitude in r.
    colour, reddens : float
        g - r at maximum, and what it grows by in the 30 days after.
    days, fades : list of float
        Days after maximum, and how much fainter it is then in r; straight lines between and beyond.
    """

    def of(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        span = SETTING.last_mjd - SETTING.first_mjd
        day = mjd - SETTING.first_mjd - span * (0.15 + 0.6 * ((_GOLDEN * (which + 1)) % 1))
        last = (fades[-1] - fades[-2]) / (days[-1] - days[-2])
        after = np.interp(day, [0, *days], [0, *fades]) + last * np.maximum(day - days[-1], 0)
        before = 2.5 * np.log10(1 / np.clip(1 - (day / rise) ** 2, 1e-6, 1))
        red = peak + np.where(day < 0, before, after)
        green = colour + reddens * np.clip(day / 30, 0, 1)
        return np.where(day < -rise, 99.0, red + np.where(fid == GREEN, green, 0.0))

    return of


def plateau(length: float, peak: float = 17.5) -> Magnitude:
    """A supernova that is as bright for so many days, and then drops to its tail."""
    days, fades = [length, length + 20, length + 120], [0.2, 2.2, 3.2]
    return explosion(rise=6, peak=peak, colour=0.0, reddens=0.7, days=days, fades=fades)


def standard_candle(stretch: float = 1.0, peak: float = 17.0) -> Magnitude:
    """A thermonuclear supernova, all of its times stretched."""
    days, fades = [15 * stretch, 30 * stretch, 60 * stretch, 100 * stretch], [0.65, 1.0, 2.4, 3.6]
    return explosion(rise=17 * stretch, peak=peak, colour=-0.05, reddens=1.0, days=days, fades=fades)


def outbursts(*, mag: float, height: float, every: float, days: float) -> Magnitude:
    """A dwarf nova: blue, quiet, and now and then magnitudes brighter within a day, for days."""

    def of(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        since = (mjd + every * _GOLDEN * which) % every
        up = np.clip(since, 0, 1) * np.clip(1 - (since - 1) / days, 0, 1)
        return mag + np.where(fid == GREEN, 0.1, 0.0) - height * np.minimum(1.6 * up, 1)

    return of


def walk(*, mag: float, deviation: float, memory: float, colour: float, bluer: float = 1.15) -> Magnitude:
    """A damped random walk.

    Parameters
    ----------
    mag, colour : float
        Mean in r, and g - r.
    deviation : float
        Standard deviation in r, magnitudes; times `bluer` in g.
    memory : float
        Days after which it has forgotten where it was, to one over e.
    """
    step = 0.25
    times = np.arange(SETTING.first_mjd - 1, SETTING.last_mjd + 1, step)

    def of(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        keeps = np.exp(-step / memory)
        answer = np.empty(len(mjd))
        for number in np.unique(which):
            kicks = np.random.default_rng(number).standard_normal(len(times))
            path = np.empty(len(times))
            at = kicks[0]
            for row, kick in enumerate(kicks):
                at = keeps * at + np.sqrt(1 - keeps**2) * kick
                path[row] = at
            mine = which == number
            answer[mine] = np.interp(mjd[mine], times, path)
        return mag + np.where(fid == RED, 0.0, colour) + deviation * np.where(fid == RED, 1.0, bluer) * answer

    return of


# Magnitudes and colours are those a survey to 20.5 mag would see such objects with, outside the Galactic plane: a
# Cepheid of our Galaxy is bright there, a quasar faint.
CLASSES: dict[str, Magnitude] = {
    "SNIa": standard_candle(),
    "SNIbc": explosion(rise=16, peak=17.8, colour=0.4, reddens=0.9, days=[15, 40, 100], fades=[0.6, 1.9, 2.9]),
    "SNII": plateau(95),
    "SNIIn": explosion(rise=25, peak=17.8, colour=0.0, reddens=0.2, days=[30, 100, 200], fades=[0.4, 1.5, 2.8]),
    "SLSN": explosion(rise=45, peak=18.2, colour=-0.2, reddens=0.5, days=[30, 60, 120], fades=[0.4, 1.1, 2.4]),
    "TDE": explosion(rise=28, peak=18.3, colour=-0.3, reddens=0.0, days=[30, 60, 120, 240], fades=[0.5, 0.9, 1.6, 2.5]),
    "QSO": walk(mag=18.8, deviation=0.2, memory=250, colour=0.15),
    "AGN": walk(mag=17.2, deviation=0.05, memory=150, colour=0.6, bluer=1.5),
    "Blazar": walk(mag=17.8, deviation=0.4, memory=20, colour=0.4, bluer=1.05),
    "CV/Nova": outbursts(mag=19.0, height=3.5, every=50.0, days=9.0),
    "YSO": walk(mag=16.5, deviation=0.25, memory=3, colour=1.2, bluer=1.3),
    "LPV": periodic(sine, period=290.0, mag=15.8, amplitude=(3.8, 3.0), colour=2.0),
    "EA": periodic(eclipses(0.07), period=2.63, mag=16.2, amplitude=(0.8, 0.7), colour=0.4),
    "EB/EW": periodic(eclipses(0.5, 0.9), period=0.342, mag=16.2, amplitude=(0.55, 0.5), colour=0.6),
    "DSCT": periodic(sine, period=0.0812, mag=15.5, amplitude=(0.3, 0.21), colour=0.15),
    "RRL": periodic(sawtooth(0.16), period=0.5571, mag=16.8, amplitude=(1.1, 0.78), colour=0.22),
    "CEP": periodic(sawtooth(0.28), period=7.93, mag=13.3, amplitude=(0.95, 0.62), colour=0.9),
    "RSCVN": periodic(sine, period=6.37, mag=15.8, amplitude=(0.2, 0.16), colour=0.8),
}
