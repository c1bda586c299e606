"""Whether magnitudes scatter as they did: what weather and bad images do to them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from starloop.drift.quality.rows import Rows
from starloop.drift.seen import Measure

if TYPE_CHECKING:
    import pandas as pd

_BANDS = ("g", "r")
_CALM_SHARE = 1 / 2
_EARLIER, _FEWEST_NIGHTS = 3, 4
_ITS_ERROR = 1.17
"""Standard error of the median absolute value of n normal values, over that median, times √n."""


def scatter(rows: Rows, fewest_objects: int) -> Iterator[Measure]:
    """Measure how far the same objects' g - r jumps, over how far it used to jump.

    Stars vary in both bands at once, noise does not: the colour of a variable star shows the noise. A jump is the
    distance of a night's colour from the median of the object's last three, in its error. ``scatter`` is the median
    over the calmer half of the objects, less that of their own median jumps, over the latter: 0 is as far, 1 twice as
    far.
    """
    source = rows.source
    if source.mag is None or source.err is None:
        return
    jumps = _jumps(rows)
    learnt = jumps[jumps["whole_night"] <= rows.past["whole_night"].max()]
    past = (learnt["away"].abs() / learnt["error"]).groupby(learnt["object"])
    usual = past.median()[past.size() >= _FEWEST_NIGHTS]
    tonight = jumps[jumps["whole_night"] == rows.begin].set_index("object")
    # All at once is an offset of a band, and measured as one.
    now = (tonight["away"] - tonight["away"].median()).abs() / tonight["error"]
    same = usual.index.intersection(now.index)
    calm = usual[same].sort_values(kind="stable").index[: round(_CALM_SHARE * len(same))]
    found = None
    if len(same) >= fewest_objects:
        found = float(now[calm].median() / usual[calm].median()) - 1
    noise = _ITS_ERROR / len(calm) ** 0.5 if found is not None else 0.0
    yield Measure("scatter", f"{source.name} g-r", "calibration", found, noise, len(calm), source.archive)


def _jumps(rows: Rows) -> "pd.DataFrame":
    """Give each object's jump on each night with both bands, in the order of the nights."""
    import pandas as pd

    mag, err = str(rows.source.mag), str(rows.source.err)
    every = pd.concat([rows.past, rows.between, rows.night])
    both = every[every["alerted"]].dropna(subset=[mag, err])
    if not set(_BANDS) <= set(both["band"]):
        return pd.DataFrame({"object": [], "whole_night": [], "away": [], "error": []})
    nightly = both.groupby(["object", "whole_night", "band"])[[mag, err]].median().unstack("band")
    colour = (nightly[mag]["g"] - nightly[mag]["r"]).rename("colour")
    error = np.hypot(nightly[err]["g"], nightly[err]["r"])
    told = pd.DataFrame({"colour": colour, "error": error}).dropna().sort_index().reset_index()
    rolled = told.groupby("object")["colour"].rolling(_EARLIER, min_periods=1).median().droplevel("object")
    earlier = rolled.groupby(told["object"]).shift()
    return told.assign(away=told["colour"] - earlier).dropna()
