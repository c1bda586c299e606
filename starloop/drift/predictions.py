"""Whether the champion answers as it used to: class shares, confidence, abstention."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.spatial.distance import jensenshannon

from starloop.drift.seen import Measure
from starloop.model.decision import UNCERTAIN


def predictions(
    reference: Mapping[str, Any], decisions: Sequence[str], confidence: Sequence[float], fewest: int
) -> Iterator[Measure]:
    """Measure a night's answers against the champion's own about rows it was not trained on.

    ``class shares`` is the Jensen-Shannon distance (Lin 1991, doi:10.1109/18.61115; natural logarithm, at most 0.83)
    of the classes that were named, less what chance shows: its square is (k - 1)/8 (1/n + 1/m) on average between n and
    m answers of k classes (Menéndez et al. 1997, doi:10.1016/S0016-0032(96)00063-4). ``abstention`` is the rise of the
    share of uncertain answers, ``confidence`` the fall of the median of the highest probability.
    """
    named = Counter(one for one in decisions if one != UNCERTAIN)
    told = Counter(one for one in reference["held_out"]["decisions"] if one != UNCERTAIN)
    n, m = len(decisions), len(reference["held_out"]["decisions"])
    enough = min(named.total(), told.total()) >= fewest
    yield Measure("class shares", "answers", "classes", _distance(told, named) if enough else None, 0.0, n)
    enough = min(n, m) >= fewest
    before, now = ((size - count.total()) / max(size, 1) for size, count in ((m, told), (n, named)))
    yield Measure("abstention", "answers", "classes", now - before if enough else None, _noise(before, n, m), n)
    fall = float(np.median(reference["held_out"]["confidence"]) - np.median(confidence)) if enough else None
    yield Measure("confidence", "answers", "classes", fall, 0.0, n)


def _distance(told: Counter[str], named: Counter[str]) -> float:
    names = sorted(told | named)
    squared = float(jensenshannon([told[name] for name in names], [named[name] for name in names])) ** 2
    chance = (len(names) - 1) / 8 * (1 / told.total() + 1 / named.total())
    return float(max(0.0, squared - chance) ** 0.5)


def _noise(share: float, n: int, m: int) -> float:
    return float((share * (1 - share) * (1 / n + 1 / m)) ** 0.5) if n and m else 0.0
