"""RS Canum Venaticorum stars: spotted giants and subgiants that a companion keeps spinning."""

import numpy as np

from starloop.sky.populations import spots
from starloop.sky.populations.objects import Objects, Setting


def make(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw `n` RS CVn stars: periods of 1 to 30 d, amplitudes of 0.05 to 0.3 mag in r, more over years.

    The longer the period, the larger, cooler and brighter the star; ranges drawn by hand after catalogued systems.
    """
    log_period = rng.uniform(0, np.log10(30), n)
    g_r = np.clip(0.66 + 0.15 * log_period + rng.normal(0, 0.06, n), 0.55, 1.05)
    temperature = 5900 - 1350 * (g_r - 0.45)
    spotted = spots.Spotted(
        absolute_r=np.clip(3.6 - 1.4 * log_period + rng.normal(0, 0.5, n), 0.8, 4.2),
        g_r=g_r,
        r_i=0.4 * g_r - 0.05,
        temperature=temperature,
        spot_temperature=temperature - rng.uniform(700, 1400, n),
        period=10**log_period,
        amplitude=10 ** rng.uniform(np.log10(0.05), np.log10(0.3), n),
    )
    return spots.observe(rng, spotted, "RS", setting, faintest=17.5)
