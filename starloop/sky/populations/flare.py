"""Flare stars: M dwarfs that brighten within minutes and fade within hours, most in the blue."""

import numpy as np

from starloop.sky.populations.galaxy import extinction, stars
from starloop.sky.populations.objects import Ints, Objects, Reals, Setting, by_filter, unknown
from starloop.sky.populations.photosphere import SUN_MAG, brightness, dwarf_colours

_SMALLEST, _LARGEST, _SLOPE = 0.15, 14.0, 1.8
_EARLIER = 3
# Widths after which nothing is left of a flare.
_LAST = 30.0


def make(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw `n` active M dwarfs, with 0.05 to 0.5 flares a day that at least add a seventh to the star's light in g.

    Peaks, over the quiet star's flux in g, follow a power law of index -1.8, as flare energies do, up to 2.9 mag; a
    flare has the colours of a blackbody of 10,000 K. Larger ones last longer: half-maximum widths are minutes to an
    hour. Rates and widths are drawn by hand; ordinary M dwarfs flare less often.
    """
    absolute_r = rng.uniform(8, 12, n)
    placed = stars(rng, absolute_r, "thin", setting, faintest=18.0)
    g_r, r_i = dwarf_colours(absolute_r)
    g_r, r_i = g_r + rng.normal(0, 0.05, n), r_i + rng.normal(0, 0.08, n)
    owner, begin, width, peak = _flares(rng, n, setting)
    # All flares on one axis, in order: each star has a stretch of its own, longer than the span.
    stretch = setting.last_mjd - setting.first_mjd + 20
    axis = owner * stretch + begin - setting.first_mjd
    flash = SUN_MAG - 2.5 * np.log10(brightness(np.array(10_000.0)))
    # A flare's flux over the star's in each filter, where it is one in g.
    reach = 10 ** (-0.4 * np.stack([np.zeros(n), flash[1] - flash[0] + g_r, flash[2] - flash[0] + g_r + r_i], axis=1))

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        following = np.searchsorted(axis, which * stretch + np.clip(mjd - setting.first_mjd, -9, stretch - 11))
        light = np.zeros_like(mjd)
        # Flares are so rare that none but the next and the last few can be seen.
        for back in range(-_EARLIER, 1):
            flare = np.clip(following + back, 0, len(axis) - 1)
            time = (mjd - begin[flare]) / width[flare]
            seen = np.flatnonzero((flare == following + back) & (owner[flare] == which) & (time > -1) & (time < _LAST))
            light[seen] += peak[flare[seen]] * template(time[seen])
        colour = by_filter(fid, g_r[which], 0.0, -r_i[which])
        quiet = absolute_r[which] + placed.modulus[which] + colour + extinction(placed.reddening[which], fid)
        return np.asarray(quiet - 2.5 * np.log10(1 + reach[which, fid - 1] * light))

    return Objects("B/vsx/vsx", ["UV"] * n, placed.ra, placed.dec, unknown(n), unknown(n), in_reference=True, mag=mag)


def template(time: Reals) -> Reals:
    """Give a flare's flux over its peak; `time` is from the peak, in full widths at half maximum.

    Davenport et al. 2014, doi:10.1088/0004-637X/797/2/122: a quartic rise, two exponential decays.
    """
    rising, falling = np.clip(time, -1, 0), np.clip(time, 0, _LAST)
    rise = 1 + rising * (1.941 + rising * (-0.175 + rising * (-2.246 - 1.125 * rising)))
    decay = 0.6890 * np.exp(-1.600 * falling) + 0.3030 * np.exp(-0.2783 * falling)
    return np.asarray(np.where(time < 0, np.maximum(rise, 0), decay) * (time > -1))


def _flares(rng: np.random.Generator, n: int, setting: Setting) -> tuple[Ints, Reals, Reals, Reals]:
    """Draw all stars' flares, by star and then by time: the star's number, the peak's MJD, width (d), height.

    Every star has one flare at least.
    """
    rate = 10 ** rng.uniform(np.log10(0.05), np.log10(0.5), n)
    owner = np.repeat(np.arange(n), 1 + rng.poisson(rate * (setting.last_mjd - setting.first_mjd)))
    time = rng.uniform(setting.first_mjd, setting.last_mjd, len(owner))
    low, high = (limit ** (1 - _SLOPE) for limit in (_SMALLEST, _LARGEST))
    peak = (low + (high - low) * rng.uniform(size=len(owner))) ** (1 / (1 - _SLOPE))
    width = 8 / 1440 * np.cbrt(peak) * rng.lognormal(0, 0.6, len(owner))
    return owner, time[np.lexsort((time, owner))], width, peak
