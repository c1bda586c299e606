"""Fourier series of a folded light curve: one shape in all bands, a mean for each band."""

from dataclasses import dataclass

import numpy as np

from starloop.features.screening import Points, Reals

# Added to the normal matrix, whose diagonal is near a half: phases that do not determine a series give its least one.
RIDGE = 1e-9


@dataclass(frozen=True)
class Joined:
    """The points of all bands, one after the other.

    Parameters
    ----------
    time, mag : numpy.ndarray
        Days; magnitudes from their band's weighted mean.
    weight : numpy.ndarray
        Inverse squared errors; their sum is 1.
    bands : tuple of slice
        The points of each.
    """

    time: Reals
    mag: Reals
    weight: Reals
    bands: tuple[slice, ...]

    @property
    def variance(self) -> float:
        """The weighted variance within the bands."""
        return float((self.weight * self.mag**2).sum())


def join(bands: list[Points]) -> Joined:
    """Put bands, none of them empty, on one scale."""
    ends = np.cumsum([len(points) for points in bands])
    weights = [points.err**-2 for points in bands]
    mag = [points.mag - (w * points.mag).sum() / w.sum() for points, w in zip(bands, weights, strict=True)]
    weight = np.concatenate(weights)
    return Joined(
        np.concatenate([points.time for points in bands]),
        np.concatenate(mag),
        weight / weight.sum(),
        tuple(slice(end - len(points), end) for points, end in zip(bands, ends.tolist(), strict=True)),
    )


def fit(points: Joined, frequencies: Reals, harmonics: int) -> tuple[Reals, Reals]:
    """Fit a series at each of some frequencies, by weighted least squares.

    The multi-harmonic periodogram of several bands with a shape in common (VanderPlas & Ivezic 2015,
    doi:10.1088/0004-637X/812/1/18).

    Parameters
    ----------
    points : Joined
    frequencies : numpy.ndarray
        1/day.
    harmonics : int
        Of the series; the first is the frequency itself.

    Returns
    -------
    explained : numpy.ndarray, shape (frequencies,)
        The share of the weighted variance, 0 to 1; 0 where there is none.
    coefficients : numpy.ndarray, shape (frequencies, 2 * harmonics)
        Magnitudes: cosine and sine of each harmonic in turn.
    """
    waves = design(points, frequencies, harmonics)
    weighted = waves * points.weight
    for band in points.bands:
        share = points.weight[band].sum()
        waves[:, :, band] -= weighted[:, :, band].sum(axis=2, keepdims=True) / share
    weighted = waves * points.weight
    normal = np.einsum("fin,fjn->fij", weighted, waves) + RIDGE * np.eye(2 * harmonics)
    target = np.einsum("fin,n->fi", weighted, points.mag)
    coefficients: Reals = np.linalg.solve(normal, target[..., None])[..., 0]
    variance = points.variance
    explained = (coefficients * target).sum(axis=1) / variance if variance > 0.0 else np.zeros(len(frequencies))
    return explained.clip(0.0, 1.0), coefficients


def design(points: Joined, frequencies: Reals, harmonics: int) -> Reals:
    """Give cosine and sine of each harmonic in turn, shape (frequencies, 2 * harmonics, points)."""
    first = np.exp(2j * np.pi * frequencies[:, None] * points.time)
    waves = np.empty((len(frequencies), 2 * harmonics, len(points.time)))
    wave = first
    for harmonic in range(harmonics):
        waves[:, 2 * harmonic], waves[:, 2 * harmonic + 1] = wave.real, wave.imag
        wave = wave * first
    return waves
