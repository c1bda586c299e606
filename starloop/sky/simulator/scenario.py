"""Scenarios: what changes in a simulated sky, from which night on, and what a watcher should call it."""

import math
from dataclasses import dataclass
from typing import Literal

from starloop.errors import BadInput
from starloop.nights.calendar import Night

Answer = Literal["sky", "archive", "bad_night"]

ANSWERS: dict[str, Answer] = {
    "population": "sky",
    "new-class": "sky",
    "cadence": "archive",
    "zero-point": "archive",
    "data-release": "archive",
    "depth": "archive",
    "stuck-flags": "archive",
    "nulls": "archive",
    "bad-night": "bad_night",
    "flood": "bad_night",
}
"""Every scenario, and the right answer to "is it the sky, the archive, or one bad night?"."""

_ONE_NIGHT = ("bad-night", "flood")


@dataclass(frozen=True)
class Scenario:
    """A change of the sky from one night on.

    Parameters
    ----------
    kind : str
        One of `ANSWERS`. ``bad-night`` and ``flood`` last one night, the others to the sky's end.
    night : Night
        The first night that differs; earlier nights are drawn as without a scenario.
    """

    kind: str
    night: Night

    @property
    def answer(self) -> Answer:
        """What it is: the sky, the archive, or one bad night."""
        return ANSWERS[self.kind]

    @property
    def begin(self) -> float:
        """First MJD that differs."""
        return self.night.begin

    @property
    def end(self) -> float:
        """First MJD after it that is as before."""
        return self.night.end if self.kind in _ONE_NIGHT else math.inf

    def __str__(self) -> str:
        return f"{self.kind}:{self.night}"


def parse(text: str) -> Scenario:
    """Read ``population:2020-06-20``.

    Raises
    ------
    BadInput
        When the kind is not known or the date is not one.
    """
    kind, colon, date = text.partition(":")
    if not colon or kind not in ANSWERS:
        raise BadInput(
            f"scenario {text!r} is not known: write KIND:YYYY-MM-DD with a KIND out of {', '.join(sorted(ANSWERS))}"
        )
    return Scenario(kind, Night.parse(date))
