"""Stars torn apart by black holes: a smooth rise, a slow fade, and the colour of one hot black body throughout.

Times and temperatures lie in the ranges of van Velzen et al. (2021, doi:10.3847/1538-4357/abc258) and Hammerstein
et al. (2023, doi:10.3847/1538-4357/aca283): a Gaussian rise, then an exponential or t^(-5/3) decline. The distributions
within the ranges are set by hand.
"""

import numpy as np

from starloop.sky.populations.explosions import OVERSAMPLE, explode
from starloop.sky.populations.objects import Ints, Objects, Reals, Setting, unknown
from starloop.sky.populations.templates import BANDS_NM, HOST_EXTINCTION, observed

_SEEN_DAYS = 300.0
_LIMIT = 19.5  # blue nuclear flares get their spectra down to fainter magnitudes
_NM_KELVIN = 1.43878e7  # hc / k
_RISE_WIDTHS = 3.2  # the light starts so many widths of the Gaussian before maximum: 5.6 mag below it


def _black_body(temperature: Reals) -> Reals:
    """Give AB magnitudes of a black body in u, g, r and i, relative to its own in g, one row a temperature (K)."""
    flux = 1 / (BANDS_NM**3 * np.expm1(_NM_KELVIN / (BANDS_NM * temperature[:, None])))
    return np.asarray(-2.5 * np.log10(flux / flux[:, 1:2]))


def make(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw `n` tidal disruption events, half of them with an exponential decline and half with a power law's."""
    drawn = OVERSAMPLE * n
    host = rng.exponential(0.03, drawn)
    green = np.clip(rng.normal(-19.4, 0.75, drawn), -22.0, -17.0)
    peak = green[:, None] + _black_body(np.clip(rng.lognormal(np.log(20000), 0.3, drawn), 11000, 40000))
    events = explode(rng, n, peak[:, 2] + HOST_EXTINCTION[2] * host, _SEEN_DAYS, setting, _LIMIT)

    peak, host = peak[events.rows], host[events.rows]
    width = np.clip(rng.lognormal(np.log(10), 0.35, n), 4, 22)
    fading = np.clip(rng.lognormal(np.log(55), 0.4, n), 20, 160)
    power_law = rng.uniform(size=n) < 0.5

    def rest(which: Ints, day: Reals, band: Ints) -> Reals:
        after = day / width[which] - _RISE_WIDTHS
        # A hyperbola: the decline sets in as smoothly as the rise ends.
        age = (np.hypot(1, np.maximum(after, 0)) - 1) * width[which] / fading[which]
        # Both declines start with the same slope.
        down = np.where(power_law[which], 2.5 * 5 / 3 * np.log10(1 + 0.6 * age), 1.086 * age)
        return np.asarray(peak[which, band] + 0.543 * np.minimum(after, 0) ** 2 + down)

    mag = observed(events, rest, host)
    return Objects("BTS", ["TDE"] * n, events.ra, events.dec, unknown(n), events.redshift, False, mag)
