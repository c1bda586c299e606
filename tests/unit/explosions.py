"""Light curves of explosions whose shape is written down here."""

import numpy as np

from starloop.features.screening import Points

NOTHING = Points(np.empty(0), np.empty(0), np.empty(0))
START = 58_900.0


def bazin(time: np.ndarray, rise: float, fall: float) -> np.ndarray:
    """Bazin's function over its maximum."""
    since = np.linspace(-10 * rise, 10 * fall, 20_001)

    def shape(day: np.ndarray) -> np.ndarray:
        return np.exp(-day / fall) / (1.0 + np.exp(-day / rise))

    return shape(time) / shape(since).max()


def points(time: np.ndarray, flux: np.ndarray, peak: float = 17.0, error: float = 0.02, seed: int = 0) -> Points:
    """Magnitudes of fluxes relative to the peak's, with noise, from `START` on."""
    noise = np.random.default_rng(seed).normal(0.0, error, len(time))
    return Points(START + time, peak - 2.5 * np.log10(flux) + noise, np.full(len(time), error))


def explosion(
    rise: float = 4.0, fall: float = 25.0, reddening: float = 1.6, every: float = 2.0
) -> tuple[Points, Points]:
    """Rises for a few days and falls, in r more slowly than in g by a factor."""
    time = np.arange(-12.0, 90.0, every)
    g = points(time, bazin(time, rise, fall), 17.0, seed=1)
    r = points(time + 0.3, bazin(time + 0.3, rise, reddening * fall), 17.2, seed=2)
    return g, r
