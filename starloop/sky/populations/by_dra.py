"""BY Draconis stars: young, spotted K and M dwarfs."""

import numpy as np

from starloop.sky.populations import spots
from starloop.sky.populations.objects import Objects, Setting
from starloop.sky.populations.photosphere import dwarf_colours


def make(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw `n` BY Dra stars: periods of 0.3 to 20 d, amplitudes of 0.03 to 0.15 mag in r; ranges drawn by hand."""
    absolute_r = rng.uniform(6, 9, n)
    g_r, r_i = dwarf_colours(absolute_r)
    temperature = 5100 - 450 * (absolute_r - 6)
    spotted = spots.Spotted(
        absolute_r=absolute_r,
        g_r=g_r + rng.normal(0, 0.04, n),
        r_i=r_i + rng.normal(0, 0.04, n),
        temperature=temperature,
        spot_temperature=temperature - rng.uniform(400, 1000, n),
        period=10 ** rng.uniform(np.log10(0.3), np.log10(20), n),
        amplitude=10 ** rng.uniform(np.log10(0.03), np.log10(0.15), n),
    )
    return spots.observe(rng, spotted, "BY", setting, faintest=16.5)
