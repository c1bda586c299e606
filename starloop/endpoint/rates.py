"""How often one token may ask."""

import math
import time
from collections.abc import Callable


class Rate:
    """A bucket that fills evenly and holds a minute's requests.

    Parameters
    ----------
    a_minute : int
        Requests.
    clock : callable
        Seconds, monotonic.
    """

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._a_second, self._clock = float(a_minute), a_minute / 60.0, clock
        self._left, self._at = self._most, clock()

    def wait(self) -> int:
        """Take one request; give 0, or where none is left the whole seconds until there is one."""
        now = self._clock()
        self._left = min(self._most, self._left + (now - self._at) * self._a_second)
        self._at = now
        if self._left >= 1.0:
            self._left -= 1.0
            return 0
        return math.ceil((1.0 - self._left) / self._a_second)
