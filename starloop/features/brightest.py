"""The flux of both bands around the brightest point of a light curve, a night a point."""

from dataclasses import dataclass

import numpy as np

from starloop.features.screening import Points, Reals, Rows

# Days before and after the brightest point; most explosions are over by then, and the rest are not followed so far.
BEFORE = 60.0
AFTER = 150.0
# Nights are joined in twos, fours, ... where there are more points than this: what they cost grows with their square.
MOST_NIGHTS = 120
# Calibration and template errors that alert photometry leaves out: a share of a point's flux, and of the brightest's.
ERROR_SHARE = 0.02
ERROR_FLOOR = 0.005
POGSON = 2.5 / np.log(10.0)


@dataclass(frozen=True)
class Outburst:
    """Fluxes around the brightest point of both bands.

    Parameters
    ----------
    time : numpy.ndarray
        Days from the brightest point.
    flux, err : numpy.ndarray
        In units of the flux of magnitude `zero`.
    band : numpy.ndarray
        0 for g, 1 for r.
    zero : float
        The brightest magnitude of the light curve.
    """

    time: Reals
    flux: Reals
    err: Reals
    band: Rows
    zero: float

    def __len__(self) -> int:
        return len(self.time)


def outburst(g: Points, r: Points) -> Outburst:
    """Take the points around the brightest and join those of one night and band, weighted by inverse variance.

    The brightest is the point whose flux less its error is greatest, in either band. Errors are widened by
    `ERROR_SHARE` of the flux and `ERROR_FLOOR` of the brightest flux.

    Parameters
    ----------
    g, r : Points
        Screened points, magnitudes, at least one together.
    """
    time, mag, err = (np.concatenate([getattr(g, name), getattr(r, name)]) for name in ("time", "mag", "err"))
    band = np.repeat(np.arange(2), [len(g), len(r)])
    zero = float(mag.min())
    flux = 10.0 ** (-0.4 * (mag - zero))
    sigma = np.sqrt((flux * err / POGSON) ** 2 + (ERROR_SHARE * flux) ** 2 + ERROR_FLOOR**2)
    time = time - time[np.argmax(flux - sigma)]
    near = (time > -BEFORE) & (time < AFTER)
    time, flux, sigma, band = time[near], flux[near], sigma[near], band[near]
    days = 1
    while True:
        nights, of = np.unique(2 * np.floor(time / days).astype(np.int64) + band, return_inverse=True)
        if len(nights) <= MOST_NIGHTS:
            break
        days *= 2
    weight = sigma**-2
    total = np.bincount(of, weight).astype(np.float64)
    return Outburst(
        time=np.bincount(of, weight * time) / total,
        flux=np.bincount(of, weight * flux) / total,
        err=1.0 / np.sqrt(total),
        band=nights % 2,
        zero=zero,
    )
