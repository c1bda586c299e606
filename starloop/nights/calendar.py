"""A night is a UTC date: 2020-03-01 is MJD [58909, 58910)."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from starloop.errors import BadInput

_MJD_ZERO = dt.date(1858, 11, 17)


@dataclass(frozen=True, order=True)
class Night:
    """One UTC date.

    Parameters
    ----------
    date : datetime.date
        The UTC date on which the night's MJD begins.
    """

    date: dt.date

    @classmethod
    def parse(cls, text: str) -> "Night":
        """Read ``YYYY-MM-DD``; raise `BadInput` for anything else."""
        try:
            return cls(dt.date.fromisoformat(text))
        except ValueError:
            raise BadInput(f"night {text!r} is not a date: write it as YYYY-MM-DD, for example 2020-03-01") from None

    @classmethod
    def at(cls, mjd: float) -> "Night":
        """Give the night that contains an MJD (UTC)."""
        return cls(_MJD_ZERO + dt.timedelta(days=int(mjd // 1)))

    @property
    def begin(self) -> float:
        """First MJD of the night."""
        return float((self.date - _MJD_ZERO).days)

    @property
    def end(self) -> float:
        """First MJD after the night."""
        return self.begin + 1.0

    def back(self, nights: int) -> "Night":
        """Give the night so many nights earlier."""
        return Night(self.date - dt.timedelta(days=nights))

    def until(self, last: "Night") -> Iterator["Night"]:
        """Give this night and every later one up to and including `last`."""
        for day in range((last.date - self.date).days + 1):
            yield self.back(-day)

    def __str__(self) -> str:
        return self.date.isoformat()
