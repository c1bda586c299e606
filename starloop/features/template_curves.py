"""How supernovae of each family shine through g and r, as small tables.

Magnitudes below each band's maximum, drawn by hand with a few nodes after the sources named; days are from the maximum
in g. They are shapes to compare with, not measurements: time is stretched and each band scaled to the data.
"""

from functools import cache

import numpy as np

from starloop.features.screening import Reals

FAMILIES = ("ia", "91bg", "stripped", "plateau", "linear", "slow")

# Days, g, r. A faint first node stands for first light.
TABLES: dict[str, tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]] = {
    # Hsiao et al. 2007, doi:10.1086/518232; the shoulder in r as in Folatelli et al. 2010,
    # doi:10.1088/0004-6256/139/1/120.
    "ia": (
        (-18, -15, -12, -10, -7, -5, -2, 0, 5, 10, 15, 20, 25, 30, 35, 40, 50, 60, 80),
        (8.0, 2.7, 1.35, 0.85, 0.38, 0.18, 0.03, 0.0, 0.1, 0.38, 0.79, 1.26, 1.73, 2.12, 2.4, 2.58, 2.85, 3.1, 3.5),
        (8.0, 2.6, 1.28, 0.8, 0.37, 0.19, 0.05, 0.01, 0.07, 0.35, 0.6, 0.7, 0.82, 1.07, 1.38, 1.67, 2.1, 2.45, 3.1),
    ),
    # Taubenberger 2017, doi:10.1007/978-3-319-21846-5_37: fast, and no shoulder in r.
    "91bg": (
        (-13, -10, -7, -5, -2, 0, 3, 5, 10, 15, 20, 30, 40, 60, 100),
        (8.0, 1.9, 0.8, 0.4, 0.06, 0.0, 0.15, 0.4, 1.2, 1.82, 2.2, 2.65, 2.95, 3.5, 4.6),
        (8.0, 2.0, 0.95, 0.52, 0.14, 0.03, 0.0, 0.07, 0.45, 0.95, 1.4, 2.05, 2.55, 3.4, 4.9),
    ),
    # Taddia et al. 2015, doi:10.1051/0004-6361/201423915.
    "stripped": (
        (-16, -13, -10, -7, -5, -2, 0, 3, 5, 10, 15, 20, 25, 30, 40, 60, 100),
        (8.0, 1.9, 0.95, 0.42, 0.2, 0.03, 0.0, 0.08, 0.22, 0.68, 1.15, 1.55, 1.83, 2.02, 2.28, 2.65, 3.4),
        (8.0, 2.0, 1.1, 0.58, 0.34, 0.12, 0.04, 0.0, 0.02, 0.2, 0.48, 0.78, 1.04, 1.27, 1.6, 2.05, 2.8),
    ),
    # Anderson et al. 2014, doi:10.1088/0004-637X/786/1/67, and Valenti et al. 2016, doi:10.1093/mnras/stw870.
    "plateau": (
        (-8, -6, -4, -2, 0, 5, 10, 20, 30, 50, 70, 85, 92, 98, 105, 115, 150),
        (8.0, 1.6, 0.6, 0.15, 0.0, 0.06, 0.2, 0.58, 0.9, 1.35, 1.7, 2.05, 2.6, 3.3, 3.8, 4.05, 4.4),
        (8.0, 1.8, 0.8, 0.3, 0.12, 0.02, 0.0, 0.04, 0.1, 0.22, 0.37, 0.62, 1.1, 1.7, 2.1, 2.3, 2.65),
    ),
    "linear": (
        (-10, -7, -5, -2, 0, 5, 10, 20, 30, 40, 50, 60, 80, 120),
        (8.0, 1.2, 0.6, 0.1, 0.0, 0.09, 0.3, 0.85, 1.4, 1.9, 2.35, 2.75, 3.4, 4.3),
        (8.0, 1.4, 0.8, 0.25, 0.1, 0.0, 0.06, 0.3, 0.58, 0.87, 1.17, 1.48, 2.1, 3.0),
    ),
    # Nyholm et al. 2020, doi:10.1051/0004-6361/201936097, and, stretched, Chen et al. 2023,
    # doi:10.3847/1538-4357/aca161: interaction and magnetars.
    "slow": (
        (-22, -18, -14, -10, -6, -3, 0, 5, 10, 20, 30, 40, 60, 80, 120),
        (8.0, 1.9, 1.0, 0.45, 0.14, 0.03, 0.0, 0.05, 0.14, 0.4, 0.68, 0.97, 1.5, 2.0, 2.85),
        (8.0, 2.0, 1.12, 0.55, 0.21, 0.07, 0.02, 0.0, 0.05, 0.22, 0.43, 0.66, 1.12, 1.53, 2.25),
    ),
}

FIRST_DAY, LAST_DAY, STEP = -100.0, 400.0, 0.1


@cache
def fluxes() -> Reals:
    """Give the tables as fluxes in units of each band's maximum.

    Linear in magnitudes between the nodes; nothing before the first, and the last slope goes on.

    Returns
    -------
    numpy.ndarray, shape (len(FAMILIES), 2, days)
        For g and r, on every `STEP` from `FIRST_DAY` to `LAST_DAY`.
    """
    day = np.linspace(FIRST_DAY, LAST_DAY, round((LAST_DAY - FIRST_DAY) / STEP) + 1)
    curves = [
        [_flux(day, np.array(TABLES[name][0], dtype=np.float64), np.array(mags)) for mags in TABLES[name][1:]]
        for name in FAMILIES
    ]
    return np.array(curves)


def _flux(day: Reals, nodes: Reals, mags: Reals) -> Reals:
    slope = (mags[-1] - mags[-2]) / (nodes[-1] - nodes[-2])
    mag = np.interp(day, nodes, mags) + slope * (day - nodes[-1]).clip(0.0)
    flux: Reals = np.where(day < nodes[0], 0.0, 10.0 ** (-0.4 * mag))
    return flux
