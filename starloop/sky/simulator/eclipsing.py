"""Eclipsing binaries: detached ones (EA) with sharp dips, contact ones (EW) never at rest."""

import numpy as np

from starloop.sky.simulator.population import GREEN, Ints, Objects, Reals, faint_rising, unknown


def make(rng: np.random.Generator, n: int) -> Objects:
    """Draw `n` eclipsing binaries, three EA to five EW; depths and widths as VSX lists them.

    Contact systems follow the even cosine terms of a common envelope (Rucinski 1993, PASP 105, 1433); detached ones
    are flat apart from two eclipses and a slight ellipsoidal wave.
    """
    contact = rng.uniform(size=n) < 0.625
    period = np.where(
        contact, np.clip(rng.normal(0.36, 0.06, n), 0.23, 0.75), np.clip(10 ** rng.normal(0.22, 0.26, n), 0.5, 8.0)
    )
    depth = np.where(contact, rng.uniform(0.3, 0.74, n), rng.uniform(0.45, 1.6, n))
    # What one star hides of the other cannot exceed the light the other one has left over: deep primary eclipses
    # go with shallow secondary ones.
    hidden = 1 - 10 ** (-0.4 * depth)
    shallow = -2.5 * np.log10(1 - np.minimum(hidden, 1 - hidden) * rng.uniform(0.15, 0.95, n))
    second = np.where(contact, depth * rng.uniform(0.78, 1.0, n), shallow)
    width = np.clip(0.075 * (period / 1.5) ** -0.35 * rng.uniform(0.75, 1.3, n), 0.025, 0.12)
    # One detached binary in six is eccentric: its secondary eclipse is not at half a period.
    apart = 0.5 + np.where(rng.uniform(size=n) < 1 / 6, rng.normal(0, 0.05, n), 0)
    ellipsoidal = rng.uniform(0.005, 0.04, n)
    mean_r = np.where(contact, faint_rising(rng, n, 13.0, 17.6, 0.2), faint_rising(rng, n, 12.8, 16.8, 0.2))
    colour = np.where(contact, rng.normal(0.55, 0.2, n), rng.normal(0.3, 0.25, n))
    epoch = rng.uniform(0, 1, n)

    def dip(phase: Reals, centre: Reals | float, half: Reals) -> Reals:
        away = np.abs((phase - centre + 0.5) % 1 - 0.5) / half
        return np.exp(-0.5 * (2.2 * away) ** 4) * (1 - 0.25 * np.minimum(away, 1))

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        phase = (mjd / period[which] + epoch[which]) % 1
        wave = 0.5 + 0.5 * np.cos(4 * np.pi * phase)
        lower = np.where(np.cos(2 * np.pi * phase) > 0, depth[which], second[which])
        enveloped = lower * wave**1.3 - 0.35 * depth[which]
        detached = (
            depth[which] * dip(phase, 0.0, width[which])
            + second[which] * dip(phase, apart[which], width[which])
            + ellipsoidal[which] * wave
        )
        green = fid == GREEN
        # The hotter star is eclipsed at primary minimum, so that g dips a little deeper than r.
        deeper = np.where(green, 1.05, 1.0)
        return np.asarray(
            mean_r[which] + np.where(green, colour[which], 0) + deeper * np.where(contact[which], enveloped, detached)
        )

    return Objects("B/vsx/vsx", np.where(contact, "EW", "EA").tolist(), period, unknown(n), True, mag)
