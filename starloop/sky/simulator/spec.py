"""What a simulated sky is made from: everything its bytes depend on."""

import hashlib
from dataclasses import dataclass

import numpy as np

from starloop.errors import BadInput
from starloop.nights.calendar import Night
from starloop.sky.simulator.kinds import KINDS
from starloop.sky.simulator.scenario import Scenario

FEWEST_OBJECTS, MOST_OBJECTS = 50, 4_000_000


@dataclass(frozen=True)
class Spec:
    """A sky to be made.

    Parameters
    ----------
    objects : int
        How many objects the sky has; scenarios may add some.
    seed : int
        Not negative.
    first, last : Night
        Its span.
    scenarios : tuple of Scenario
        In the order of their nights.
    kinds : tuple of str
        Its classes, out of `KINDS`.
    tess : int
        How many TESS light curves are looked for.
    """

    objects: int
    seed: int
    first: Night
    last: Night
    scenarios: tuple[Scenario, ...]
    kinds: tuple[str, ...]
    tess: int

    def __post_init__(self) -> None:
        """Refuse what cannot be made, with `BadInput`."""
        if not FEWEST_OBJECTS <= self.objects <= MOST_OBJECTS or self.seed < 0 or self.tess < 0:
            raise BadInput(
                f"a sky of {self.objects} objects and {self.tess} TESS light curves from seed {self.seed} cannot be "
                f"made: ask for at least {FEWEST_OBJECTS} and at most {MOST_OBJECTS} objects, and for nothing below 0"
            )
        if self.first > self.last:
            raise BadInput(f"a sky cannot begin on {self.first} and end on {self.last}: give the earlier night first")
        for kind in self.kinds:
            if kind not in KINDS:
                raise BadInput(f"class {kind!r} is not known: choose from {', '.join(KINDS)}")
        if len(set(self.kinds)) != len(self.kinds) or not self.kinds:
            raise BadInput(f"classes {', '.join(self.kinds) or 'none'}: name at least one class, and none twice")
        for scenario in self.scenarios:
            if not self.first < scenario.night <= self.last:
                raise BadInput(
                    f"scenario {scenario} is outside the sky: choose a night after {self.first} up to {self.last}"
                )
        if len(set(self.scenarios)) != len(self.scenarios):
            raise BadInput(f"scenarios {', '.join(map(str, self.scenarios))}: name none twice")

    def stream(self, *purpose: object) -> np.random.Generator:
        """Give each purpose its own random numbers, so that a change to one leaves the others as they were."""
        words = " ".join(map(str, purpose))
        return np.random.default_rng([self.seed, int.from_bytes(hashlib.sha256(words.encode()).digest()[:16])])
