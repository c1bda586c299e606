"""The shape of a light curve folded at a period."""

import numpy as np

from starloop.features.screening import Points, Reals

HARMONICS = 2

NAMES: tuple[str, ...] = (
    "period_amplitude",
    "period_harmonic_ratio",
    "period_harmonic_phase",
    "period_scatter",
    "period_fold_eta",
    "period_double_fold_eta",
)


def shape(points: Points, period: float) -> Reals:
    """Describe the fold of a light curve.

    A weighted Fourier series of two terms gives the amplitude of the fundamental, that of the first harmonic divided
    by it (R21), their phase difference (phi21, 0 to 2 pi; Simon & Lee 1981, doi:10.1086/159153), and the share of the
    variance left over. The von Neumann ratio of the fold, at the period and at twice the period, needs no series, so
    eclipses show in it (Kim et al. 2014, doi:10.1051/0004-6361/201323252).

    Parameters
    ----------
    points : Points
        At least ``2 * HARMONICS + 2`` points, magnitudes.
    period : float
        Days.

    Returns
    -------
    numpy.ndarray, shape (len(NAMES),)
        Magnitudes, radians and ratios; NaN where the magnitudes do not vary.
    """
    weight = points.err**-2
    weight = weight / weight.sum()
    mag = points.mag - (weight * points.mag).sum()
    variance = (weight * mag**2).sum()
    if not variance > 0.0:
        return np.full(len(NAMES), np.nan)
    cycles = (points.time - points.time[0]) / period
    angle = 2.0 * np.pi * cycles
    terms = [np.ones_like(angle)]
    for order in range(1, HARMONICS + 1):
        terms += [np.cos(order * angle), np.sin(order * angle)]
    design = np.stack(terms)
    normal = np.einsum("in,jn->ij", design * weight, design)
    target = np.einsum("in,n->i", design * weight, mag)
    # The least-norm solution exists even where the phases do not determine the series.
    series = np.linalg.lstsq(normal, target, rcond=1e-9)[0]
    residual = mag - np.einsum("i,in->n", series, design)
    first, second = np.hypot(series[1], series[2]), np.hypot(series[3], series[4])
    phase = np.arctan2(series[4], series[3]) - 2.0 * np.arctan2(series[2], series[1])
    return np.array(
        [
            first,
            second / first if first > 0.0 else np.nan,
            phase % (2.0 * np.pi),
            (weight * residual**2).sum() / variance,
            _von_neumann(cycles, points.mag),
            _von_neumann(cycles / 2.0, points.mag),
        ]
    )


def _von_neumann(cycles: Reals, mag: Reals) -> float:
    folded = mag[np.argsort(cycles % 1.0, kind="stable")]
    steps = np.diff(folded, append=folded[0])
    spread = mag.var()
    return float((steps**2).mean() / spread) if spread > 0.0 else np.nan
