"""Long-period variables: Miras, which swing by magnitudes, and semiregular giants, which hesitate."""

import numpy as np

from starloop.sky.simulator.population import GREEN, Ints, Objects, Reals, faint_rising, unknown


def make(rng: np.random.Generator, n: int) -> Objects:
    """Draw `n` long-period variables, two Miras to three semiregulars.

    A Mira exceeds 2.5 mag in the visual and rises in 0.45 of its cycle; a semiregular carries a second period near
    half or twice the first, out of step (GCVS definitions; Samus et al. 2017, doi:10.1134/S1063772917010085).
    """
    mira = rng.uniform(size=n) < 0.4
    period = np.where(
        mira, np.clip(rng.normal(290, 70, n), 130, 480), np.clip(10 ** rng.normal(1.95, 0.18, n), 40, 200)
    )
    amplitude = np.where(mira, rng.uniform(2.8, 5.5, n), rng.uniform(0.35, 1.6, n))
    rise = np.where(mira, rng.uniform(0.4, 0.5, n), 0.5)
    second_period = period * np.where(rng.uniform(size=n) < 0.5, 0.53, 1.9)
    second = np.where(mira, 0.05, rng.uniform(0.3, 0.7, n))
    mean_r = np.where(mira, faint_rising(rng, n, 13.4, 16.5, 0.15), faint_rising(rng, n, 12.9, 15.8, 0.2))
    colour = np.clip(rng.normal(np.where(mira, 2.1, 1.75), 0.3), 1.1, 3.2)
    epoch, second_epoch = rng.uniform(0, 1, n), rng.uniform(0, 1, n)

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        phase = (mjd / period[which] + epoch[which]) % 1
        fall = 1 - rise[which]
        turned = np.where(phase < fall, phase / fall, 1 + (phase - fall) / rise[which])
        first = -np.cos(np.pi * turned)
        other = np.cos(2 * np.pi * (mjd / second_period[which] + second_epoch[which]))
        swing = 0.5 * (first + second[which] * other) / (1 + 0.5 * second[which])
        green = fid == GREEN
        return np.asarray(
            mean_r[which] + np.where(green, colour[which], 0) + amplitude[which] * np.where(green, 1.0, 0.78) * swing
        )

    return Objects("B/vsx/vsx", np.where(mira, "M", "SR").tolist(), period, unknown(n), True, mag)
