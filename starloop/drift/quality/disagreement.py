"""Whether ALeRCE and IRSA say the same of the same exposures: what bad images do to them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from starloop.drift.quality.rows import EPOCHS, KEY, Rows
from starloop.drift.seen import Measure

if TYPE_CHECKING:
    import pandas as pd

_SAME_DAYS = 20 / 86400
_LEAST = 0.1
"""Archives that repeat each other are never closer, in errors."""
_ITS_ERROR = 1.17
"""Standard error of the median absolute value of n normal values, over that median, times √n."""


def disagreement(alerts: Rows, epochs: Rows, fewest_objects: int, fewest_rows: int) -> Iterator[Measure]:
    """Measure how far apart the two archives' magnitudes of an exposure lie, over how far apart they used to.

    Nothing a star does is in the difference. An object's own median of the past is taken from it in each band, and the
    night's median of all, which is an offset and measured as one; the rest, in its error, is what images and errors are
    made of. ``disagreement`` is its median absolute value over that of the past, less one: 0 is as far, 1 twice as far.
    """
    past, now = (_differences(*both) for both in ((alerts.past, epochs.past), (alerts.night, epochs.night)))
    known = past.groupby(KEY)["difference"].agg(["median", "size"])
    own = known["median"][known["size"] >= fewest_rows].rename("own")
    past, now = (part.join(own, on=KEY, how="inner") for part in (past, now))
    objects, found, noise = int(now["object"].nunique()), None, 0.0
    if objects >= fewest_objects:
        usual = float(((past["difference"] - past["own"]) / past["error"]).abs().median())
        away = now["difference"] - now["own"]
        away = (away - away.groupby(now["band"]).transform("median")) / now["error"]
        farther = float(away.abs().median()) / max(usual, _LEAST)
        found, noise = farther - 1, _ITS_ERROR * farther / len(now) ** 0.5
    yield Measure("disagreement", "ALeRCE and IRSA", "calibration", found, noise, objects)


def _differences(alerts: "pd.DataFrame", epochs: "pd.DataFrame") -> "pd.DataFrame":
    """Give ``object``, ``band``, ``difference`` (mag) and its ``error`` of the exposures both archives have."""
    import pandas as pd

    alerts = alerts[[*KEY, "mjd", "magpsf_corr", "sigmapsf_corr_ext"]].dropna().sort_values("mjd", kind="stable")
    epochs = epochs[epochs["catflags"] == 0][[*KEY, "mjd", EPOCHS.mag, EPOCHS.err]].dropna()
    epochs = epochs.sort_values("mjd", kind="stable")
    days: Any = _SAME_DAYS  # the types know of no tolerance in days
    both = pd.merge_asof(alerts, epochs, on="mjd", by=KEY, direction="nearest", tolerance=days).dropna()
    difference, error = both["magpsf_corr"] - both[EPOCHS.mag], np.hypot(both["sigmapsf_corr_ext"], both[EPOCHS.err])
    return both[KEY].assign(difference=difference, error=error)
