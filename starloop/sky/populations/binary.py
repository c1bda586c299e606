"""Two stars that eclipse each other: the light of a close pair from its geometry.

Each star is a spheroid stretched along the line of centres, of even temperature but for the gravity darkening in the
ellipsoidal variation; its disc is darkened linearly towards the limb, and what the nearer disc covers is integrated
over it. Approximate are: blackbody surfaces; one common stretch for both discs in eclipse; no polar flattening, no
neck between stars in contact; tides and mutual heating to first order; eclipses of the undarkened-by-gravity disc.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np

from starloop.sky.populations.eclipse import hidden_share, limb_darkening
from starloop.sky.populations.galaxy import extinction, stars
from starloop.sky.populations.objects import INFRARED, RED, Flags, Ints, Objects, Reals, Setting, unknown
from starloop.sky.populations.photosphere import SUN_MAG, brightness, photon_ratio

NODES = 1024
_FILTERS = np.arange(1, INFRARED + 1)


@dataclass(frozen=True)
class Pair:
    """So many binaries; star 0 is the one eclipsed at phase zero.

    Parameters
    ----------
    period : array of shape (n,)
        Days.
    mass : array of shape (n, 2)
        Solar masses.
    radius : array of shape (n, 2)
        In units of the orbit's semi-major axis.
    temperature : array of shape (n, 2)
        Kelvin.
    cos_i : array of shape (n,)
        Cosine of the inclination; zero is edge-on.
    eccentricity, periastron : array of shape (n,)
        Of the orbit; the argument of periastron in radians.
    """

    period: Reals
    mass: Reals
    radius: Reals
    temperature: Reals
    cos_i: Reals
    eccentricity: Reals
    periastron: Reals

    def __len__(self) -> int:
        return len(self.period)

    def take(self, rows: Ints | Flags) -> "Pair":
        """Keep these binaries."""
        return Pair(**{column.name: getattr(self, column.name)[rows] for column in fields(self)})


def roche_radius(mass_ratio: Reals) -> Reals:
    """Give the radius of a star's Roche lobe over the separation; `mass_ratio` is its mass over the other's.

    Eggleton 1983, doi:10.1086/160960.
    """
    root = np.cbrt(mass_ratio)
    return np.asarray(0.49 * root**2 / (0.6 * root**2 + np.log1p(root)))


def semi_major_axis(period: Reals, mass: Reals) -> Reals:
    """Give the orbit's semi-major axis (solar radii) from the period (d) and the total mass (solar): Kepler's law."""
    return np.asarray(4.208 * np.cbrt(mass * period**2))


def absolute_mag(pair: Pair, angle: Reals) -> Reals:
    """Give the absolute magnitudes of binaries at angles along their orbits.

    The ellipsoidal variation's size is that of Morris 1985 (doi:10.1086/163359); each star sends back half of the
    other's light that it catches, from the side that is lit.

    Parameters
    ----------
    pair : Pair
        n binaries.
    angle : array of shape (n, m)
        Radians from the conjunction with star 1 in front.

    Returns
    -------
    array of shape (n, m, 3)
        AB magnitudes in g, r and i.
    """
    eccentricity = pair.eccentricity[:, None]
    anomaly = angle + np.pi / 2 - pair.periastron[:, None]
    distance = (1 - eccentricity**2) / (1 + eccentricity * np.cos(anomaly))
    # Cosine between the line of sight and the line of centres: positive where star 1 is in front.
    along = np.sqrt(1 - pair.cos_i[:, None] ** 2) * np.cos(angle)
    tide = (pair.mass[:, ::-1] / pair.mass * pair.radius**3)[:, None, :] / distance[:, :, None] ** 3
    stretch = np.sqrt(1 + ((1 + 1.5 * tide) ** 2 - 1) * (1 - along**2)[:, :, None])
    # Shrinking the sky along the line of centres makes both discs round; first contact stays where it is.
    stretch = np.sum(stretch * pair.radius[:, None, :], axis=2) / pair.radius.sum(axis=1)[:, None]
    separation = distance * np.sqrt(1 - along**2) / stretch
    surface, darkening = brightness(pair.temperature), limb_darkening(pair.temperature)
    x, exponent = photon_ratio(pair.temperature), np.where(pair.temperature < 7200, 0.08, 0.25)
    gravity = 1 + exponent[:, :, None] * x / -np.expm1(-x)
    ellipsoidal = 0.15 * (15 + darkening) * gravity / (3 - darkening)
    own = pair.radius[:, :, None] ** 2 * surface
    light = np.zeros((*angle.shape, 3))
    for star, towards in ((0, along), (1, -along)):
        mine, others = pair.radius[:, star], pair.radius[:, 1 - star]
        tidal = 1 - 2 * ellipsoidal[:, None, star] * (tide[:, :, star] * along**2)[:, :, None]
        caught = 0.5 * (mine[:, None] / 2 / distance) ** 2 * (1 + towards)
        sent = own[:, None, star] * tidal + own[:, None, 1 - star] * caught[:, :, None]
        row, column = np.nonzero((towards > 0) & (separation < (mine + others)[:, None]))
        near = separation[row, column] / mine[row]
        sent[row, column] *= 1 - hidden_share(near, (others / mine)[row], darkening[row, star])
        light += sent
    axis = semi_major_axis(pair.period, pair.mass.sum(axis=1))
    return np.asarray(SUN_MAG - 2.5 * np.log10(light * axis[:, None, None] ** 2))


def orbital_angle(pair: Pair, phase: Reals) -> Reals:
    """Solve Kepler's equation: phases of shape (n, m), zero at primary eclipse, to angles from there (radians)."""
    eccentricity = pair.eccentricity[:, None]
    conjunction = np.pi / 2 - pair.periastron[:, None]
    squeeze = np.sqrt((1 - eccentricity) / (1 + eccentricity))
    start = 2 * np.arctan2(squeeze * np.sin(conjunction / 2), np.cos(conjunction / 2))
    mean = start - eccentricity * np.sin(start) + 2 * np.pi * phase
    eccentric = mean + eccentricity * np.sin(mean)
    for _ in range(5):
        eccentric -= (eccentric - eccentricity * np.sin(eccentric) - mean) / (1 - eccentricity * np.cos(eccentric))
    return np.asarray(2 * np.arctan2(np.sin(eccentric / 2), squeeze * np.cos(eccentric / 2)) - conjunction)


def depths(pair: Pair, before: Reals | float = np.pi / 2) -> Reals:
    """Give how much fainter (mag in r) both conjunctions are than some angle before: shape (n, 2), primary first."""
    angle = np.zeros((len(pair), 4))
    angle[:, 1], angle[:, 2], angle[:, 3] = before, np.pi, np.pi - before
    mags = absolute_mag(pair, angle)[:, :, RED - 1]
    return np.asarray(mags[:, ::2] - mags[:, 1::2])


def gather(n: int, draw: Callable[[], Pair]) -> Pair:
    """Call `draw`, which gives some acceptable binaries at a time, until there are `n`."""
    parts: list[Pair] = []
    while not parts or sum(map(len, parts)) < n:
        parts.append(draw())
    columns = {column.name: np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(Pair)}
    return Pair(**columns).take(np.arange(n))


def observe(
    rng: np.random.Generator, pair: Pair, kind: Literal["EA", "EB", "EW"], setting: Setting, faintest: float
) -> Objects:
    """Put binaries into the thin disc, and tabulate their light curves at `NODES` phases, read off linearly."""
    n = len(pair)
    table = absolute_mag(pair, orbital_angle(pair, np.tile(np.arange(NODES + 1) / NODES, (n, 1))))
    placed = stars(rng, table[:, :, RED - 1].min(axis=1), "thin", setting, faintest=faintest)
    table += (placed.modulus[:, None] + extinction(placed.reddening[:, None], _FILTERS))[:, None, :]
    epoch = setting.first_mjd + pair.period * rng.uniform(size=n)
    flat = table.reshape(-1)

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        place = (mjd - epoch[which]) / pair.period[which] % 1 * NODES
        node = np.minimum(place.astype(np.int64), NODES - 1)
        here = (which * (NODES + 1) + node) * 3 + fid - 1
        return np.asarray(flat[here] + (place - node) * (flat[here + 3] - flat[here]))

    return Objects("B/vsx/vsx", [kind] * n, placed.ra, placed.dec, pair.period, unknown(n), in_reference=True, mag=mag)
