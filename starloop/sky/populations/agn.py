"""Seyfert galaxies: a quasar's faint, near kin, its flicker diluted by the galaxy around it."""

import numpy as np

from starloop.sky.populations.cosmology import distance_modulus
from starloop.sky.populations.galaxy import extinction, extragalactic
from starloop.sky.populations.objects import Ints, Objects, Reals, Setting, unknown
from starloop.sky.populations.qso import COLOURS, FILTERS, LOUDER, apparent_r, draw, wander

_FARTHEST = 0.3
_HOST_R, _HOST_SCATTER = -21.0, 0.6  # absolute magnitude of the galaxy within the point-spread function
# Colours against r of an early spiral at rest, and how they grow with redshift: by hand.
_HOST_COLOURS = np.array([[0.65], [0.0], [-0.35]])
_HOST_REDDENS = np.array([[1.8], [0.0], [-0.3]])
_HOST_FADES = 1.0  # K correction in r, mag per unit redshift


def make(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw `n` Seyfert galaxies nearer than z = 0.3: a nucleus that wanders and a host galaxy that does not.

    The nucleus follows the quasars' luminosity function and damped random walk (`qso`), extrapolated to lower
    luminosities. The host's share of the light and its colours are chosen by hand.
    """
    redshift, absolute_i = draw(rng, n, (0.01, _FARTHEST), (-22.5, -18.5), (14.5, 18.8))
    ra, dec, reddening = extragalactic(rng, n, setting)
    walks = wander(rng, redshift, absolute_i, setting)
    dust = extinction(reddening, FILTERS)
    nucleus = apparent_r(absolute_i, redshift) + COLOURS[:, np.newaxis] * (1 + rng.normal(0, 0.6, n)) + dust
    host_r = rng.normal(_HOST_R, _HOST_SCATTER, n) + distance_modulus(redshift) + _HOST_FADES * redshift
    host = 10 ** (-0.4 * (host_r + _HOST_COLOURS + _HOST_REDDENS * redshift + dust))

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        active = 10 ** (-0.4 * (nucleus[fid - 1, which] + LOUDER[fid - 1] * walks.at(which, mjd)))
        return np.asarray(-2.5 * np.log10(active + host[fid - 1, which]))

    return Objects("B/vsx/vsx", ["AGN"] * n, ra, dec, unknown(n), redshift, True, mag)
