"""Events that come back irregularly: each object has its list, and a moment finds the last event before it."""

from dataclasses import dataclass

import numpy as np

from starloop.sky.populations.objects import Ints, Reals

# Longer than any survey: one object's times never reach those of the next.
_APART_DAYS = 1e5


@dataclass(frozen=True)
class Events:
    """The events of `n` objects, one list, sorted by object and time.

    Parameters
    ----------
    origin : float
        MJD at or before which every object has its first event.
    key : array of shape (events,)
        Days since `origin`, plus `_APART_DAYS` for each object before this one.
    drawn : array of int of shape (events,)
        Where each event stands in the flattened (n, most) arrays it was drawn from.
    """

    origin: float
    key: Reals
    drawn: Ints

    def pick(self, values: Reals) -> Reals:
        """Line up what was drawn for the events, an array of shape (n, most)."""
        return np.asarray(values.ravel()[self.drawn])

    def last(self, which: Ints, mjd: Reals) -> tuple[Ints, Reals]:
        """Find the last event of object `which` before `mjd`.

        Returns
        -------
        event : array of int
            Number of the event among all.
        since : array
            Days since it began; negative before the object's first event.
        """
        moment = which * _APART_DAYS + (mjd - self.origin)
        event = np.maximum(np.searchsorted(self.key, moment, side="right") - 1, 0)
        return event, moment - self.key[event]


def recurring(begun: Reals, interval: Reals, span: tuple[float, float]) -> Events:
    """Line up events over a span of time.

    Parameters
    ----------
    begun : array of shape (n,)
        How long before the span each object's first event began, days (not negative).
    interval : array of shape (n, most)
        Days from each event to the object's next one. Those beyond the span are dropped.
    span : tuple of float
        First and last MJD.
    """
    since = np.cumsum(interval, axis=1) - interval - begun[:, np.newaxis]
    inside = since <= span[1] - span[0]
    inside[:, 0] = True
    key = since + _APART_DAYS * np.arange(len(begun))[:, np.newaxis]
    return Events(span[0], key[inside], np.flatnonzero(inside))


def enough(shortest: float, longest_begun: float, span: tuple[float, float]) -> int:
    """Give how many events fill the span when no interval is shorter than `shortest` days."""
    return int(np.ceil((span[1] - span[0] + longest_begun) / shortest)) + 1
