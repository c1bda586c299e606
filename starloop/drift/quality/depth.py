"""How deep the exposures reach."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from starloop.drift.quality.rows import Rows, about
from starloop.drift.seen import Measure
from starloop.sky.survey.conditions import moon_glare

if TYPE_CHECKING:
    import pandas as pd


def depth(rows: Rows, fewest_objects: int) -> Iterator[Measure]:
    """Measure each band's median change of the limiting magnitude, place by place, the Moon taken away.

    ``depth`` is in mag; shallower is negative. What a bright sky costs follows from how the past limits of each object
    fell with the moonlight (after Krisciunas & Schaefer 1991, doi:10.1086/132921). Clouds make a night shallower too;
    nothing but another instrument or another calibration makes it much deeper.
    """
    source = rows.source
    if source.limit is None:
        return
    for band in rows.bands:
        past, now = (_moonlit(part, band, source.limit) for part in (rows.past, rows.night))
        now = now[now["object"].isin(past["object"])]
        objects, found = int(now["object"].nunique()), None
        if objects >= fewest_objects:
            slope = _slope(past)
            dark = (past["limit"] - slope * past["glare"]).groupby(past["object"]).median()
            change = now["limit"] - slope * now["glare"] - now["object"].map(dark)
            found = float(change.groupby(now["object"]).median().median()), 0.0
        yield about(source, band, "depth", "depth", found, objects)


def _moonlit(part: "pd.DataFrame", band: str, limit: str) -> "pd.DataFrame":
    part = part[part["band"] == band].dropna(subset=[limit])
    return part[["object"]].assign(limit=part[limit], glare=moon_glare(part["mjd"].to_numpy()))


def _slope(past: "pd.DataFrame") -> float:
    """Give the magnitudes a limit loses to full moonlight, by least squares within the objects."""
    away = past[["limit", "glare"]] - past.groupby("object")[["limit", "glare"]].transform("mean")
    lit = float((away["glare"] ** 2).sum())
    return float((away["limit"] * away["glare"]).sum()) / lit if lit else 0.0
