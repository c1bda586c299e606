"""The generalised Lomb-Scargle periodogram, exact, near a few frequencies.

Zechmeister & Kuerster 2009 (doi:10.1051/0004-6361:200811296). Sums are taken with `numpy.einsum`, never with BLAS,
whose result may depend on the number of its threads.
"""

import numpy as np

from starloop.features.screening import Points, Reals


def power(bands: list[Points], centres: Reals, offsets: Reals) -> Reals:
    """Evaluate the periodogram at every centre plus every offset.

    The share of the weighted variance that a sine with a floating mean in each band explains (equations 4 to 15 of the
    source; one mean a band as in VanderPlas & Ivezic 2015, doi:10.1088/0004-637X/812/1/18). The phases of a centre and
    of an offset are multiplied, so the cost in sines is that of their sum, not of their product.

    Parameters
    ----------
    bands : list of Points
        At least three points together, none empty; time in days, weights are the inverse squared errors.
    centres, offsets : numpy.ndarray
        Frequencies, 1/day.

    Returns
    -------
    numpy.ndarray, shape (centres, offsets)
        Between 0 and 1; 0 where the points do not determine a sine.
    """
    total = sum((points.err**-2).sum() for points in bands)
    shape = (len(centres), len(offsets))
    cos_cos, sin_sin, cos_sin = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    data = np.zeros(shape, dtype=complex)
    variance = 0.0
    for points in bands:
        weight = points.err**-2 / total
        share = weight.sum()
        mag = points.mag - (weight * points.mag).sum() / share
        centre = np.exp(2j * np.pi * centres[:, None] * points.time)
        offset = np.exp(2j * np.pi * offsets[:, None] * points.time)
        once = np.einsum("cn,on->co", centre * weight, offset)
        twice = np.einsum("cn,on->co", centre**2 * weight, offset**2)
        data += np.einsum("cn,on->co", centre * (weight * mag), offset)
        cos_cos += 0.5 * (share + twice.real) - once.real**2 / share
        sin_sin += 0.5 * (share - twice.real) - once.imag**2 / share
        cos_sin += 0.5 * twice.imag - once.real * once.imag / share
        variance += (weight * mag**2).sum()
    determinant = cos_cos * sin_sin - cos_sin**2
    explained = sin_sin * data.real**2 + cos_cos * data.imag**2 - 2.0 * cos_sin * data.real * data.imag
    # A determinant this small is rounding: sine, cosine and means are the same to these points.
    usable = (determinant > 1e-12) & (variance > 0.0)
    return np.where(usable, explained / np.where(usable, determinant * variance, 1.0), 0.0).clip(0.0, 1.0)


def log10_false_alarm(best: float, points: Points, highest: float) -> float:
    """Bound the probability that noise alone reaches a power, as a base-10 logarithm.

    Baluev 2008 (doi:10.1111/j.1365-2966.2008.12689.x), equation 6 with the approximation of its table 1.

    Parameters
    ----------
    best : float
        Power of the highest peak, 0 to 1.
    points : Points
        At least five points.
    highest : float
        Highest frequency searched, 1/day.

    Returns
    -------
    float
        At most 0.
    """
    n = len(points)
    left = max(1.0 - best, 1e-12)
    width = highest * np.sqrt(4.0 * np.pi * points.time.var())
    expected = width * left ** ((n - 4) / 2) * np.sqrt(0.5 * (n - 1) * best)
    single = left ** ((n - 3) / 2)
    return float(np.log10(np.clip(expected + single, 1e-300, 1.0)))
