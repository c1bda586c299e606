"""Where an object is on the sky: an Aitoff map of equatorial coordinates, with the plane of the Galaxy."""

from dataclasses import dataclass

import numpy as np

from starloop.features.screening import Reals
from starloop.features.sphere import POLE_DEC, POLE_RA

WIDTH, HEIGHT = 360, 180
# Sgr A*, which defines longitude 0 well enough for a map (Reid & Brunthaler 2004, doi:10.1086/424960).
CENTRE_RA, CENTRE_DEC = 266.41684, -29.00781


@dataclass(frozen=True)
class SkyMap:
    """SVG path data in a drawing of `WIDTH` by `HEIGHT`, east to the left, right ascension 180 deg in the middle.

    Parameters
    ----------
    outline, grid, plane : str
        The edge of the map, a line every 30 deg, and the plane of the Galaxy.
    at, centre : tuple of float
        The object, and the centre of the Galaxy.
    longitude, latitude : float
        Galactic, deg.
    """

    outline: str
    grid: str
    plane: str
    at: tuple[float, float]
    centre: tuple[float, float]
    longitude: float
    latitude: float


def skymap(ra: float, dec: float) -> SkyMap:
    """Draw the map of a position (deg, J2000)."""
    up, edge = np.linspace(-90.0, 90.0, 61), 179.999
    outline = np.concatenate(
        [np.stack(_project(np.full(61, 180.0 + edge), up)), np.stack(_project(np.full(61, 180.0 - edge), up[::-1]))],
        axis=1,
    )
    grid = [_line(*_project(np.full(61, one), up)) for one in np.arange(30.0, 360.0, 30.0)]
    around = np.linspace(180.0 - edge, 180.0 + edge, 121)
    grid += [_line(*_project(around, np.full(121, one))) for one in (-60.0, -30.0, 0.0, 30.0, 60.0)]
    pole, toward, beside = _axes()
    turn = np.linspace(0.0, 2.0 * np.pi, 241)
    x, y = _project(*_angles(np.outer(np.cos(turn), toward) + np.outer(np.sin(turn), beside)))
    breaks = np.flatnonzero(np.hypot(np.diff(x), np.diff(y)) > WIDTH / 4) + 1
    plane = "".join(_line(one, two) for one, two in zip(np.split(x, breaks), np.split(y, breaks), strict=True))
    where = _vector(ra, dec)
    longitude = np.degrees(np.arctan2(where @ beside, where @ toward)) % 360.0
    latitude = np.degrees(np.arcsin(np.clip(where @ pole, -1.0, 1.0)))
    centre = _place(CENTRE_RA, CENTRE_DEC)
    edge_line, grid_lines = _line(*outline) + "z", "".join(grid)
    return SkyMap(edge_line, grid_lines, plane, _place(ra, dec), centre, float(longitude), float(latitude))


def _axes() -> tuple[Reals, Reals, Reals]:
    """Give the Galaxy's axes: to its north pole, to its centre, and to longitude 90 deg."""
    pole, centre = _vector(POLE_RA, POLE_DEC), _vector(CENTRE_RA, CENTRE_DEC)
    toward = centre - (centre @ pole) * pole
    toward /= np.linalg.norm(toward)
    return pole, toward, np.cross(pole, toward)


def _vector(ra: float, dec: float) -> Reals:
    right, north = np.radians([ra, dec])
    return np.array([np.cos(north) * np.cos(right), np.cos(north) * np.sin(right), np.sin(north)])


def _angles(vectors: Reals) -> tuple[Reals, Reals]:
    ra = np.degrees(np.arctan2(vectors[:, 1], vectors[:, 0])) % 360.0
    return ra, np.degrees(np.arcsin(vectors[:, 2].clip(-1.0, 1.0)))


def _project(ra: Reals, dec: Reals) -> tuple[Reals, Reals]:
    """Project by Aitoff's formula (Snyder 1987, doi:10.3133/pp1395), right ascension growing to the left."""
    half, north = np.radians(180.0 - ra) / 2.0, np.radians(dec)
    stretch = np.sinc(np.arccos(np.cos(north) * np.cos(half)) / np.pi)
    x, y = 2.0 * np.cos(north) * np.sin(half) / stretch, np.sin(north) / stretch
    scale = (WIDTH / 2 - 4) / np.pi
    return WIDTH / 2 + scale * x, HEIGHT / 2 - scale * y


def _place(ra: float, dec: float) -> tuple[float, float]:
    x, y = _project(np.array([ra]), np.array([dec]))
    return round(float(x[0]), 1), round(float(y[0]), 1)


def _line(x: Reals, y: Reals) -> str:
    return "M" + "L".join(f"{one:.1f} {two:.1f}" for one, two in zip(x.tolist(), y.tolist(), strict=True))
