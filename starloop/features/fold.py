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


def shape(bands: list[Points], period: float) -> Reals:
    """Describe the fold of a light curve.

    A weighted Fourier series of two terms, with a mean for each band, gives the amplitude of the fundamental, that of
    the first harmonic divided by it (R21), their phase difference (phi21 of a cosine series, 0 to 2 pi; Simon & Lee
    1981, doi:10.1086/159153), and the share of the variance left over. The von Neumann ratio of the fold, at the period
    and at twice the period, needs no series, so eclipses show in it (Kim et al. 2014,
    doi:10.1051/0004-6361/201323252).

    Parameters
    ----------
    bands : list of Points
        At least eight points together, none empty, magnitudes; times from a common zero, days.
    period : float
        Days.

    Returns
    -------
    numpy.ndarray, shape (len(NAMES),)
        Magnitudes, radians and ratios; NaN where the magnitudes do not vary.
    """
    weights = np.concatenate([points.err**-2 for points in bands])
    weights = weights / weights.sum()
    mag = np.concatenate([points.mag - np.average(points.mag, weights=points.err**-2) for points in bands])
    variance = (weights * mag**2).sum()
    if not variance > 0.0:
        return np.full(len(NAMES), np.nan)
    cycles = np.concatenate([points.time for points in bands]) / period
    band = np.repeat(np.arange(len(bands)), [len(points) for points in bands])
    means = [(band == one).astype(np.float64) for one in range(len(bands))]
    angles = [2.0 * np.pi * order * cycles for order in range(1, HARMONICS + 1)]
    design = np.stack([wave(angle) for angle in angles for wave in (np.cos, np.sin)] + means)
    normal = np.einsum("in,jn->ij", design * weights, design)
    target = np.einsum("in,n->i", design * weights, mag)
    # The least-norm solution exists even where the phases do not determine the series.
    series = np.linalg.lstsq(normal, target, rcond=1e-9)[0]
    residual = mag - np.einsum("i,in->n", series, design)
    first, second = np.hypot(series[0], series[1]), np.hypot(series[2], series[3])
    phase = 2.0 * np.arctan2(series[1], series[0]) - np.arctan2(series[3], series[2])
    level = mag - np.einsum("i,in->n", series[2 * HARMONICS :], design[2 * HARMONICS :])
    return np.array(
        [
            first,
            second / first if first > 0.0 else np.nan,
            phase % (2.0 * np.pi),
            (weights * residual**2).sum() / variance,
            _von_neumann(cycles, level),
            _von_neumann(cycles / 2.0, level),
        ]
    )


def _von_neumann(cycles: Reals, mag: Reals) -> float:
    folded = mag[np.argsort(cycles % 1.0, kind="stable")]
    steps = np.diff(folded, append=folded[0])
    spread = mag.var()
    return float((steps**2).mean() / spread) if spread > 0.0 else np.nan
