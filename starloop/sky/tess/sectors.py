"""The sectors of TESS's first three years: when each was observed, where the four cameras looked.

A sector is a strip of 24 by 96 degrees along one ecliptic meridian, opposite to the Sun in the sector's middle
(Ricker et al. 2015, doi:10.1117/1.JATIS.1.1.014003). Approximate: begins and ends to about half a day, the spacecraft
is not rolled, the gaps between CCDs and the cameras' distortion are left out.
"""

import math
from dataclasses import dataclass
from functools import cached_property

BTJD_ZERO_MJD = 56999.5
"""MJD of BTJD 0."""

_OBLIQUITY = math.radians(23.4393)
_HALF_WIDTH, _HALF_LENGTH, _CAMERA_DEG = 12.0, 48.0, 24.0
_BORESIGHT_DEG, _SHIFTED_DEG = 54.0, 85.0
# Northern sectors moved towards the pole, out of the light that Earth and Moon scatter into the cameras.
_SHIFTED = (14, 15, 16, 24, 25, 26)
_LAST_OF_SOUTH, _LAST_OF_NORTH = 13, 26

_Vector = tuple[float, float, float]


@dataclass(frozen=True)
class Sector:
    """One sector.

    Parameters
    ----------
    number : int
        From 1.
    begin, end : float
        First and last time of its data, days (BTJD = BJD - 2457000).
    stamp : str
        Year, day of the year and UTC time, as its files are named.
    configuration : int
        Number of the data's configuration in its files' names.
    """

    number: int
    begin: float
    end: float
    stamp: str
    configuration: int

    def camera(self, ra: float, dec: float) -> int | None:
        """Tell which camera, 1 (nearest to the ecliptic) to 4, sees a position in degrees; None when none does."""
        meridian, north, east = self._axes
        seen = _vector(*ecliptic(ra, dec))
        along = math.degrees(math.atan2(_dot(seen, north), _dot(seen, meridian)))
        across = math.degrees(math.asin(_dot(seen, east)))
        if abs(along) >= _HALF_LENGTH or abs(across) >= _HALF_WIDTH:
            return None
        return 1 + int((_HALF_LENGTH + self._side * along) // _CAMERA_DEG)

    @property
    def _side(self) -> int:
        return 1 if _LAST_OF_SOUTH < self.number <= _LAST_OF_NORTH else -1

    @cached_property
    def _axes(self) -> tuple[_Vector, _Vector, _Vector]:
        """Ecliptic unit vectors to where the strip's middle is, and north and east of it."""
        longitude = sun_longitude((self.begin + self.end) / 2) + 180
        latitude = self._side * (_SHIFTED_DEG if self.number in _SHIFTED else _BORESIGHT_DEG)
        return _vector(longitude, latitude), _vector(longitude, latitude + 90), _vector(longitude + 90, 0)


def observing(ra: float, dec: float, first_mjd: float, last_mjd: float) -> list[Sector]:
    """Give the sectors that saw a position (degrees, ICRS) and lie wholly between two MJDs, in order."""
    return [
        sector
        for sector in SECTORS
        if sector.begin + BTJD_ZERO_MJD >= first_mjd
        and sector.end + BTJD_ZERO_MJD <= last_mjd
        and sector.camera(ra, dec) is not None
    ]


def ecliptic(ra: float, dec: float) -> tuple[float, float]:
    """Turn right ascension and declination into ecliptic longitude and latitude, degrees."""
    x, y, z = _vector(ra, dec)
    y, z = (
        y * math.cos(_OBLIQUITY) + z * math.sin(_OBLIQUITY),
        z * math.cos(_OBLIQUITY) - y * math.sin(_OBLIQUITY),
    )
    return math.degrees(math.atan2(y, x)) % 360, math.degrees(math.asin(max(-1.0, min(1.0, z))))


def sun_longitude(btjd: float) -> float:
    """Give the Sun's ecliptic longitude, degrees, to 0.01 (the Astronomical Almanac's low-precision formula)."""
    days = btjd + BTJD_ZERO_MJD - 51544.5
    anomaly = math.radians(357.528 + 0.9856003 * days)
    return (280.460 + 0.9856474 * days + 1.915 * math.sin(anomaly) + 0.020 * math.sin(2 * anomaly)) % 360


def _vector(longitude: float, latitude: float) -> _Vector:
    around, up = math.radians(longitude), math.radians(latitude)
    return math.cos(up) * math.cos(around), math.cos(up) * math.sin(around), math.sin(up)


def _dot(one: _Vector, other: _Vector) -> float:
    return max(-1.0, min(1.0, sum(a * b for a, b in zip(one, other, strict=True))))


SECTORS = tuple(
    Sector(number, begin, end, stamp, configuration)
    for number, (begin, end, stamp, configuration) in enumerate(
        [
            (1325.3, 1353.2, "2018206045859", 120),
            (1354.1, 1381.5, "2018234235059", 121),
            (1382.0, 1409.4, "2018263035959", 123),
            (1410.9, 1436.8, "2018292075959", 124),
            (1438.0, 1464.3, "2018319095959", 125),
            (1468.3, 1490.0, "2018349182500", 126),
            (1491.6, 1516.1, "2019006130736", 131),
            (1517.4, 1542.0, "2019032160000", 136),
            (1543.2, 1568.5, "2019058134432", 139),
            (1569.4, 1595.7, "2019085135100", 140),
            (1596.8, 1623.9, "2019112060037", 143),
            (1625.0, 1652.9, "2019140104343", 144),
            (1653.9, 1682.4, "2019169103026", 146),
            (1683.4, 1710.2, "2019198215352", 150),
            (1711.4, 1737.4, "2019226182529", 151),
            (1738.7, 1763.3, "2019253231442", 152),
            (1764.7, 1789.7, "2019279210107", 161),
            (1790.7, 1815.0, "2019306063752", 162),
            (1816.1, 1841.1, "2019331140908", 164),
            (1842.5, 1868.8, "2019357164649", 165),
            (1870.4, 1897.8, "2020020091053", 167),
            (1899.3, 1926.5, "2020049080258", 174),
            (1928.1, 1954.9, "2020078014623", 177),
            (1955.8, 1982.3, "2020106103520", 180),
            (1983.6, 2009.3, "2020133194932", 182),
            (2010.3, 2035.1, "2020160202036", 188),
            (2036.3, 2060.6, "2020186164531", 189),
            (2061.9, 2087.1, "2020212050318", 190),
            (2088.2, 2114.4, "2020238165205", 193),
            (2115.9, 2143.2, "2020266004630", 195),
            (2144.5, 2170.0, "2020294194027", 198),
            (2174.2, 2200.2, "2020324010417", 200),
            (2201.7, 2227.6, "2020351194500", 203),
            (2229.0, 2254.1, "2021014023720", 204),
            (2255.0, 2280.0, "2021039152502", 205),
            (2280.9, 2306.0, "2021065132309", 207),
            (2307.3, 2332.6, "2021091135823", 208),
            (2333.9, 2360.6, "2021118034608", 209),
            (2361.8, 2389.7, "2021146024351", 210),
        ],
        start=1,
    )
)
"""The sectors of the first three years: south, north, south."""
