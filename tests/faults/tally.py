"""The bare clients' side: what their answers in foul weather are worth, held against those in fair weather."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from starloop.sky.tables import Sky
from tests.faults.asked import KINDS, Kind, questions, targets
from tests.faults.bare import Asked
from tests.faults.rows import Difference, Rows, compare


@dataclass
class Tally:
    """What became of one client's calls.

    Parameters
    ----------
    calls : int
        All of them.
    never : int
        Those that fail in fair weather as well; they count nowhere else.
    right, hung, wrong : int
        Answers like in fair weather; calls that did not come back; answers that differ without a word.
    raised : Counter of str
        Calls that raised, by exception.
    difference : Difference
        Of all wrong answers, in rows.
    """

    calls: int = 0
    never: int = 0
    right: int = 0
    hung: int = 0
    wrong: int = 0
    raised: Counter[str] = field(default_factory=Counter)
    difference: Difference = field(default_factory=Difference)

    def __add__(self, other: "Tally") -> "Tally":
        """Add up."""
        return Tally(
            self.calls + other.calls,
            self.never + other.never,
            self.right + other.right,
            self.hung + other.hung,
            self.wrong + other.wrong,
            self.raised + other.raised,
            self.difference + other.difference,
        )


@dataclass
class Bare:
    """The bare clients over all nights.

    Parameters
    ----------
    tallies : dict of Kind to Tally
        By kind of question.
    struck : Counter of str
        By fault.
    poisoned : set of str
        Broken files in lightkurve's cache.
    whole : int
        Nights of which every answer is right.
    nights : int
        All nights.
    """

    tallies: dict[Kind, Tally]
    struck: Counter[str] = field(default_factory=Counter)
    poisoned: set[str] = field(default_factory=set)
    whole: int = 0
    nights: int = 0


def tally(sky: Sky, fair: list[Asked], foul: list[Asked]) -> Bare:
    """Compare all nights; both lists have them in the same order."""
    bare = Bare({kind: Tally() for kind in KINDS})
    for should_be, came in zip(fair, foul, strict=True):
        tallies = _compared(sky, should_be, came)
        for kind, one in tallies.items():
            bare.tallies[kind] += one
        bare.struck.update(came.told.struck)
        bare.poisoned.update(came.told.poisoned)
        bare.whole += all(one.right + one.never == one.calls for one in tallies.values())
        bare.nights += 1
    return bare


def _compared(sky: Sky, fair: Asked, foul: Asked) -> dict[Kind, Tally]:
    """Go through a night's questions."""
    night = fair.seeded.night
    tallies: dict[Kind, Tally] = {}
    with np.load(fair.answers) as should_be, np.load(foul.answers) as came:
        for question in chain.from_iterable(questions(targets(sky, night), night)):
            one = tallies.setdefault(question.kind, Tally())
            one.calls += 1
            name = question.name
            if name in fair.told.failed:
                one.never += 1
            elif name in foul.told.failed:
                _failed(one, foul.told.failed[name])
            else:
                _answered(one, should_be[name], came[name])
    return tallies


def _failed(one: Tally, why: str) -> None:
    if why == "hung":
        one.hung += 1
    else:
        one.raised[why] += 1


def _answered(one: Tally, should_be: Rows, came: Rows) -> None:
    difference = compare(should_be, came)
    if difference:
        one.wrong += 1
        one.difference += difference
    else:
        one.right += 1
