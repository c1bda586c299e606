"""How real the survey's machines think an alert is."""

import numpy as np

from starloop.sky.populations.objects import Flags, Reals

# Alerts before 2019-06-25 were sent before the deep-learning classifier ran; one in fifty later ones was not scored.
DEEP_FROM_MJD = 58659.0
_UNSCORED_SHARE = 0.02


def real_bogus(rng: np.random.Generator, bogus: Flags) -> Reals:
    """Draw `rb` scores: high for real alerts, low for artefacts, with a wide overlap."""
    return np.where(bogus, rng.beta(2, 6, len(bogus)), rng.beta(4, 1.4, len(bogus)))


def deep_real_bogus(rng: np.random.Generator, bogus: Flags, mjd: Reals) -> Reals:
    """Draw `drb` scores: near one for real alerts, low for artefacts; NaN where there is none."""
    scores = np.where(bogus, rng.beta(1, 4, len(bogus)), 1 - 10 ** rng.uniform(-6.5, -0.7, len(bogus)))
    return np.where((mjd < DEEP_FROM_MJD) | (rng.uniform(size=len(bogus)) < _UNSCORED_SHARE), np.nan, scores)
