"""Names: ZTF's for objects, and those catalogues make of a position."""

import numpy as np
from numpy.typing import NDArray

from starloop.nights.calendar import Night
from starloop.sky.populations.objects import Ints, Reals

Texts = NDArray[np.object_]

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_FIRST_YEAR = 18
# Coprime to 26: all names differ, and neighbours in the list do not look alike.
_STEP, _BEGIN, _LENGTH = 7_919, 104_729, 7


def letters(number: int, length: int) -> str:
    """Write a number in base 26 with the letters a to z."""
    written = ""
    for _ in range(length):
        number, digit = divmod(number, 26)
        written = _LETTERS[digit] + written
    return written


def oids(number: Ints, in_reference: bool, first_mjd: Reals) -> Texts:
    """Name objects as ZTF does: the year they first alerted, then letters made of the object's number in the sky.

    What the reference image shows alerted in the survey's first year, a transient when it was first seen.
    """
    seen = [Night.at(mjd).date.year % 100 for mjd in first_mjd]
    years = [_FIRST_YEAR] * len(seen) if in_reference else seen
    told = (number * _STEP + _BEGIN) % 26**_LENGTH
    return np.array(
        [f"ZTF{year:02d}{letters(n, _LENGTH)}" for year, n in zip(years, told.tolist(), strict=True)], dtype=object
    )


def supernovae(number: Ints, first_mjd: Reals) -> list[str]:
    """Name transients by the year they were found and the object's number in the sky."""
    years = [Night.at(mjd).date.year for mjd in first_mjd]
    return [f"SN{year}{letters(n, 4 if n < 26**4 else 6)}" for year, n in zip(years, number.tolist(), strict=True)]


def by_place(survey: str, ra: Reals, dec: Reals) -> list[str]:
    """Write positions (degrees) as catalogues put them into names: HHMMSS.ss+DDMMSS.s, truncated."""
    return [f"{survey}{_sexagesimal(*place)}" for place in zip(ra.tolist(), dec.tolist(), strict=True)]


def _sexagesimal(ra: float, dec: float) -> str:
    centiseconds, deciarcsec = int(ra / 15 * 360000), int(abs(dec) * 36000)
    return (
        f"{centiseconds // 360000:02d}{centiseconds // 6000 % 60:02d}{centiseconds % 6000 / 100:05.2f}"
        f"{'-' if dec < 0 else '+'}{deciarcsec // 36000:02d}{deciarcsec // 600 % 60:02d}{deciarcsec % 600 / 10:04.1f}"
    )
