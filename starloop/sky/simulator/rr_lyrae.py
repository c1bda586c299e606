"""RR Lyrae stars of type ab: a steep rise, a slow decline, amplitude falling with period."""

import numpy as np

from starloop.sky.simulator.population import GREEN, Ints, Objects, Reals, faint_rising, unknown

# One cycle from maximum light (0) to minimum (1), with the bump just before the rise;
# the shape of the SDSS templates (Sesar et al. 2010, doi:10.1088/0004-637X/708/1/717).
_PHASE = np.array([0, 0.02, 0.06, 0.12, 0.2, 0.3, 0.4, 0.5, 0.6, 0.68, 0.74, 0.8, 0.84, 0.88, 0.91, 0.94, 0.97, 1.0])
_FADED = np.array(
    [0, 0.02, 0.12, 0.28, 0.45, 0.61, 0.73, 0.82, 0.89, 0.94, 0.93, 0.96, 1.0, 0.97, 0.78, 0.42, 0.11, 0.0]
)


def make(rng: np.random.Generator, n: int) -> Objects:
    """Draw `n` RRab stars: periods near 0.57 d, Bailey-diagram amplitudes, g above r."""
    period = np.clip(rng.normal(0.57, 0.07, n), 0.42, 0.85)
    amplitude = np.clip(1.15 - 2.6 * (period - 0.55) + rng.normal(0, 0.12, n), 0.35, 1.5)
    ratio = rng.normal(0.71, 0.02, n)
    mean_r = faint_rising(rng, n, 13.3, 18.6, 0.25)
    colour = rng.normal(0.22, 0.06, n)
    epoch = rng.uniform(0, 1, n)

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        faded = np.interp((mjd / period[which] + epoch[which]) % 1, _PHASE, _FADED) - 0.65
        green = fid == GREEN
        return np.asarray(
            mean_r[which]
            + np.where(green, colour[which], 0)
            + amplitude[which] * np.where(green, 1, ratio[which]) * faded
        )

    return Objects("B/vsx/vsx", ["RRAB"] * n, period, unknown(n), True, mag)
