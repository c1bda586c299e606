"""Peak, widths and colours of an outburst, read off a Gaussian process through g and r."""

import numpy as np

from starloop.features.brightest import outburst
from starloop.features.gaussian_process import TIME_SCALES, smoothed
from starloop.features.screening import BANDS, Flags, Points, Reals

FEWEST_NIGHTS = 5
DAYS = tuple(range(-50, 131))
"""Days from the brightest point on which the process is read."""
PHASES = (-15, -10, -7, -4, 5, 10, 15, 20, 25, 30, 40, 50, 60, 80)
COLOUR_PHASES = (-10, -5, 0, 5, 10, 15, 20, 25, 30, 40, 50, 60)
LEVELS = (80, 50, 25)
"""Per cent of the peak flux."""
# A flux is known where its error is small against the brightest or against itself.
LARGEST_SIGMA = 0.1
LARGEST_RELATIVE = 0.35
FAINTEST = 0.01
# A peak is looked for between the first and the last point and so many days beyond.
MARGIN = 3.0
# Days after the peak in r between which SN Ia show a shoulder, and over which the mean flux is taken.
SHOULDER = (10, 40)
MEAN_DAYS = 40
REDDEST_WITHIN = 60

NAMES: tuple[str, ...] = (
    "smooth_time_scale",
    "smooth_short_likelihood",
    "smooth_long_likelihood",
    *(f"smooth_peak_{band}" for band in BANDS),
    "smooth_peak_delay",
    "smooth_first",
    "smooth_last",
    *(f"smooth_{band}_{'minus' if phase < 0 else 'plus'}_{abs(phase)}" for band in BANDS for phase in PHASES),
    *(f"smooth_{band}_{side}_{level}" for band in (*BANDS, "sum") for level in LEVELS for side in ("rise", "fall")),
    *(f"smooth_{band}_mean_flux" for band in BANDS),
    *(f"smooth_colour_{'minus' if phase < 0 else 'plus'}_{abs(phase)}" for phase in COLOUR_PHASES),
    "smooth_colour_change",
    "smooth_reddest",
    "smooth_reddest_phase",
    "smooth_shoulder",
    "smooth_shoulder_phase",
)


def smooth(g: Points, r: Points) -> Reals:
    """Describe the smoothed outburst around the brightest point.

    The time scale the points prefer (logarithm of days) and how much less likely a shorter and a longer one are, a
    point; the peak magnitudes; days from the peak in g to that in r, to the first and to the last point; magnitudes
    below the peak at `PHASES` (days from each band's peak); days from the peak back and on to `LEVELS` of its flux, in
    g, r and their sum; the mean flux of the first `MEAN_DAYS` after the peak over the peak's; g - r at `COLOUR_PHASES`
    from the peak in g, its change over the 20 days after that, how red it gets within `REDDEST_WITHIN` days and when;
    and the greatest departure from a straight decline in r (mag, positive above it) between `SHOULDER` days after its
    peak, and when.

    The process is that of Boone 2019 (doi:10.3847/1538-3881/ab5182); for the shoulder, Papadogiannakis et al. 2019
    (doi:10.48550/arXiv.1812.01439).

    Parameters
    ----------
    g, r : Points
        Screened points, days and magnitudes.

    Returns
    -------
    numpy.ndarray, shape (len(NAMES),)
        All NaN below `FEWEST_NIGHTS` points (a band a night) around the brightest; each NaN where the process does not
        know the flux, or a level is not reached while it does.
    """
    missing = np.full(len(NAMES), np.nan)
    if not len(g) + len(r):
        return missing
    seen = outburst(g, r)
    if len(seen) < FEWEST_NIGHTS:
        return missing
    day = np.array(DAYS, dtype=np.float64)
    mean, sigma, likelihood = smoothed(seen, day)
    known = ((sigma < LARGEST_SIGMA) | (sigma < LARGEST_RELATIVE * mean)) & (mean > FAINTEST)
    # What the process infers of a band from the other alone is not an observation.
    known &= np.isin([[0], [1]], seen.band)
    flux = np.where(known, mean, np.nan)
    mag = seen.zero - 2.5 * np.log10(flux)
    first, last = seen.time.min(), seen.time.max()
    observed = (day >= first - MARGIN) & (day <= last + MARGIN)
    fluxes = [*flux, flux[0] + flux[1]]
    peaks = [_peak(one, observed) for one in fluxes]
    blue, red = peaks[:2]
    colour = mag[0] - mag[1]
    colours = [_at(colour, blue, phase) for phase in COLOUR_PHASES]
    return np.array(
        [
            np.log(TIME_SCALES[int(likelihood.argmax())]),
            (likelihood[1] - likelihood[0]) / len(seen),
            (likelihood[-1] - likelihood[1]) / len(seen),
            _at(mag[0], blue, 0),
            _at(mag[1], red, 0),
            _at(day, red, 0) - _at(day, blue, 0),
            first - _at(day, blue, 0),
            last - _at(day, blue, 0),
            *(_at(mag[n], peaks[n], phase) - _at(mag[n], peaks[n], 0) for n in range(2) for phase in PHASES),
            *(
                _days_to(one, peak, level / 100.0, side)
                for one, peak in zip(fluxes, peaks, strict=True)
                for level in LEVELS
                for side in (-1, 1)
            ),
            *(_mean_flux(flux[n], peaks[n]) for n in range(2)),
            *colours,
            colours[COLOUR_PHASES.index(20)] - colours[COLOUR_PHASES.index(0)],
            *_reddest(colour, blue),
            *_shoulder(mag[1], red),
        ]
    )


def _peak(flux: Reals, observed: Flags) -> int | None:
    """Give the place of the greatest known flux of the observed days."""
    candidates = np.where(observed & np.isfinite(flux), flux, -1.0)
    return int(candidates.argmax()) if candidates.max() > 0.0 else None


def _at(values: Reals, peak: int | None, phase: int) -> float:
    if peak is None or not 0 <= peak + phase < len(values):
        return np.nan
    return float(values[peak + phase])


def _days_to(flux: Reals, peak: int | None, level: float, side: int) -> float:
    """Give the days from the peak to the first crossing of a level to one side; the days of the process are whole."""
    if peak is None:
        return np.nan
    outward = flux[peak::side] / flux[peak]
    below = np.flatnonzero(~(outward >= level))
    if not len(below) or np.isnan(outward[below[0]]):
        return np.nan
    day = int(below[0])
    return float(day - (level - outward[day]) / (outward[day - 1] - outward[day]))


def _mean_flux(flux: Reals, peak: int | None) -> float:
    if peak is None or peak + MEAN_DAYS >= len(flux):
        return np.nan
    return float(flux[peak : peak + MEAN_DAYS + 1].mean() / flux[peak])


def _reddest(colour: Reals, peak: int | None) -> tuple[float, float]:
    after = np.array([]) if peak is None else colour[peak : peak + REDDEST_WITHIN]
    if not np.isfinite(after).any():
        return np.nan, np.nan
    place = int(np.nanargmax(after))
    return float(after[place]), float(place)


def _shoulder(mag: Reals, peak: int | None) -> tuple[float, float]:
    if peak is None or peak + SHOULDER[1] >= len(mag):
        return np.nan, np.nan
    decline = mag[peak + SHOULDER[0] : peak + SHOULDER[1] + 1]
    above = np.linspace(decline[0], decline[-1], len(decline)) - decline
    if np.isnan(above).any():
        return np.nan, np.nan
    place = int(np.abs(above).argmax())
    return float(above[place]), float(place + SHOULDER[0])
