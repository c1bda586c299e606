"""How much of a limb-darkened disc another disc hides."""

import numpy as np

from starloop.sky.populations.objects import Reals

# Gauss-Legendre nodes over an angle from zero to pi.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_ANGLES, _WEIGHTS = np.pi / 2 * (_NODES + 1), np.pi / 2 * _WEIGHTS


def limb_darkening(temperature: Reals) -> Reals:
    """Give the linear coefficients in g, r and i, shape (..., 3): drawn by hand near published tables."""
    return np.clip(np.array([0.75, 0.6, 0.5]) * (6000 / temperature[..., None]) ** 0.6, 0.2, 0.9)


def hidden_share(separation: Reals, other: Reals, darkening: Reals) -> Reals:
    """Give the share of a disc's light that another disc in front of it hides.

    Parameters
    ----------
    separation, other : array of shape (m,)
        Distance of the centres and radius of the disc in front, in units of the radius of the disc behind.
    darkening : array of shape (m, 3)
        Linear limb-darkening coefficients.

    Returns
    -------
    array of shape (m, 3)
        Zero to one: exact for a disc wholly hidden, else better than 0.0001.
    """
    # Rings inside `whole` are hidden all round, those from `inner` to `outer` along an arc.
    whole = np.clip(other - separation, 0, 1)
    inner, outer = np.minimum(np.abs(separation - other), 1), np.minimum(separation + other, 1)
    plain, darkened = np.pi * whole**2, 2 * np.pi / 3 * (1 - (1 - whole**2) ** 1.5)
    for angle, weight in zip(_ANGLES, _WEIGHTS, strict=True):
        # Arcs open as a square root does at either end; in this angle they open evenly.
        ring = inner + (outer - inner) * (1 - np.cos(angle)) / 2
        twice = np.maximum(2 * ring * separation, 1e-12)
        arc = np.arccos(np.clip((ring**2 + separation**2 - other**2) / twice, -1, 1))
        ringful = weight * np.sin(angle) * (outer - inner) * arc * ring
        plain += ringful
        darkened += ringful * np.sqrt(1 - ring**2)
    covered = (1 - darkening) * plain[:, None] + darkening * darkened[:, None]
    return np.asarray(covered / (np.pi * (1 - darkening / 3)))
