"""The shape of a light curve folded at a period."""

import numpy as np

from starloop.features.screening import Points, Reals
from starloop.features.series import Joined, design, fit, join

HARMONICS = 3
# With fewer points the series passes near all of them and tells nothing.
FEWEST_POINTS = 15
# In each band, for the ratio of the two.
FEWEST_IN_BAND = 5

NAMES: tuple[str, ...] = (
    "period_amplitude",
    "period_r21",
    "period_r31",
    "period_phi21",
    "period_phi31",
    "period_scatter",
    "period_fold_eta",
    "period_double_fold_eta",
    "period_fold_cusum",
    "period_amplitude_ratio_g_r",
)


def shape(g: Points, r: Points, frequency: float) -> Reals:
    """Describe the fold of a light curve.

    A weighted Fourier series of three terms, a mean for each band, gives the amplitude of the first and, of the second
    and third, the amplitudes over that (R21, R31) and the phases from it (phi21, phi31 of a cosine series, 0 to 2 pi;
    Simon & Lee 1981, doi:10.1086/159153), and the share of the variance left over. The ratio of the amplitudes in the
    two bands is that of the series' least-squares scales in them.

    Without a series, so that eclipses show: the von Neumann ratio of the fold at the period and at twice the period,
    steps taken within a band, and the range of the cumulative sum of the fold (psi_eta and psi_CS of Kim et al. 2014,
    doi:10.1051/0004-6361/201323252).

    Parameters
    ----------
    g, r : Points
        Times from a common zero, days; magnitudes that vary. Either may be empty.
    frequency : float
        1/day.

    Returns
    -------
    numpy.ndarray, shape (len(NAMES),)
        Magnitudes, radians and ratios. What comes of the series is NaN with fewer than `FEWEST_POINTS` points, the
        ratio of amplitudes also with fewer than `FEWEST_IN_BAND` in a band.
    """
    points = join([band for band in (g, r) if len(band)])
    phase = points.time * frequency
    folds = (_von_neumann(points, phase), _von_neumann(points, 0.5 * phase), _cusum(points, phase))
    if len(points.time) < FEWEST_POINTS:
        return np.array([*[np.nan] * 6, *folds, np.nan])
    at = np.array([frequency])
    explained, coefficients = fit(points, at, HARMONICS)
    model = np.einsum("i,in->n", coefficients[0], design(points, at, HARMONICS)[0])
    cosine, sine = coefficients[0, ::2], coefficients[0, 1::2]
    amplitude, angle = np.hypot(cosine, sine), np.arctan2(sine, cosine)
    order = np.arange(2, HARMONICS + 1)
    ratios = amplitude[1:] / amplitude[0] if amplitude[0] > 0.0 else np.full(HARMONICS - 1, np.nan)
    phases = (order * angle[0] - angle[1:]) % (2.0 * np.pi)
    both = min(len(g), len(r)) >= FEWEST_IN_BAND
    return np.array(
        [amplitude[0], *ratios, *phases, 1.0 - explained[0], *folds, _ratio(points, model) if both else np.nan]
    )


def _von_neumann(points: Joined, phase: Reals) -> float:
    steps = spread = 0.0
    for band in points.bands:
        mag = points.mag[band]
        folded = mag[np.argsort(phase[band] % 1.0, kind="stable")]
        steps += float((np.diff(folded, append=folded[0]) ** 2).sum())
        spread += float(((mag - mag.mean()) ** 2).sum())
    return steps / spread if spread > 0.0 else np.nan


def _cusum(points: Joined, phase: Reals) -> float:
    folded = points.mag[np.argsort(phase % 1.0, kind="stable")]
    deviation = folded.std()
    sums = np.cumsum(folded - folded.mean())
    return float(np.ptp(sums) / (len(folded) * deviation)) if deviation > 0.0 else np.nan


def _ratio(points: Joined, model: Reals) -> float:
    g, r = (_scale(points.weight[band], points.mag[band], model[band]) for band in points.bands)
    return g / r if g > 0.0 and r > 0.0 else np.nan


def _scale(weight: Reals, mag: Reals, model: Reals) -> float:
    model = model - (weight * model).sum() / weight.sum()
    size = (weight * model**2).sum()
    return float((weight * mag * model).sum() / size) if size > 0.0 else np.nan
