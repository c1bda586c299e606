"""Classical Cepheids: saw-teeth whose bump walks through the cycle as the period grows."""

import numpy as np

from starloop.sky.simulator.population import GREEN, Ints, Objects, Reals, faint_rising, unknown


def make(rng: np.random.Generator, n: int) -> Objects:
    """Draw `n` fundamental-mode Cepheids of 2.5 to 40 d, reddened as the disc's are.

    The bump of the Hertzsprung progression sits on the descending branch below 9 d, near maximum at
    10 d and on the rise above (Bono, Marconi and Stellingwerf 2000, A&A 360, 245).
    """
    period = np.clip(10 ** rng.normal(0.78, 0.24, n), 2.5, 40)
    log_p = np.log10(period)
    # The smallest amplitudes are at 10 d, where the bump meets the maximum.
    amplitude = np.clip(0.95 - 0.35 * np.exp(-(((log_p - 1) / 0.12) ** 2)) + rng.normal(0, 0.12, n), 0.35, 1.5)
    rise = np.clip(0.27 + 0.2 * np.exp(-(((log_p - 1) / 0.12) ** 2)) + rng.normal(0, 0.02, n), 0.2, 0.5)
    bump_at = np.clip(0.5 - 1.1 * (log_p - 0.75), 0.08, 0.6)
    bump = np.where((period > 6) & (period < 16), 0.16, 0.0)
    mean_r = faint_rising(rng, n, 12.9, 16.8, 0.15)
    colour = np.clip(rng.normal(1.05, 0.25, n), 0.5, 1.8)
    epoch = rng.uniform(0, 1, n)

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        phase = (mjd / period[which] + epoch[which]) % 1
        fall = 1 - rise[which]
        # Half cosines of unequal length, down to minimum and up to maximum, join without a kink.
        turned = np.where(phase < fall, phase / fall, 1 + (phase - fall) / rise[which])
        faded = -0.5 * np.cos(np.pi * turned) - bump[which] * np.exp(-(((phase - bump_at[which]) / 0.07) ** 2))
        green = fid == GREEN
        return np.asarray(
            mean_r[which] + np.where(green, colour[which], 0) + amplitude[which] * np.where(green, 1.0, 0.66) * faded
        )

    return Objects("B/vsx/vsx", ["DCEP"] * n, period, unknown(n), True, mag)
