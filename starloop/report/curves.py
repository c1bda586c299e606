"""Light curves as small SVG pictures: a few bytes a point, coloured by the page they stand in."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from markupsafe import Markup

from starloop.features.photometry import BAND_OF_FID, light_curves

MARKERS = {
    "g": "m-2.6 0a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0-5.2 0",
    "r": "m-2.3-2.3h4.6v4.6h-4.6z",
    "i": "m0-3 3 3-3 3-3-3z",
}
"""Drawn around a point: a disc, a square, a diamond, so that no band is told by colour alone."""
_DOT = "h0"
"""Where there is little room: the end of the line is the point, round or square as the page has it."""
_LIMIT = "m-2.4-1.4h4.8l-2.4 4z"
_ROOM = 0.06


@dataclass(frozen=True)
class Frame:
    """A picture's size and the margins around its axes, in its own units."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    axes: bool
    alone: bool = False
    """In a file of its own, where no page gives it colours."""


PLAIN = Frame(250, 165, left=48, right=6, top=6, bottom=32, axes=True)
SMALL = Frame(300, 72, left=6, right=6, top=6, bottom=6, axes=False)
ALONE = replace(PLAIN, alone=True)


@dataclass(frozen=True)
class Scale:
    """How values lie along an axis: `low` at `begin`, `high` at `end`."""

    low: float
    high: float
    begin: float
    end: float

    @classmethod
    def of(cls, values: list[float], begin: float, end: float, *, least: float) -> "Scale":
        """Give the scale that shows all values with some room, and never less than `least` of them."""
        low, high = min(values), max(values)
        room = max(_ROOM * (high - low), (least - (high - low)) / 2)
        return cls(low - room, high + room, begin, end)

    def at(self, value: float) -> str:
        """Give where a value is drawn."""
        return f"{self.begin + (self.end - self.begin) * (value - self.low) / (self.high - self.low):.1f}"

    def ticks(self, most: int) -> list[tuple[str, str]]:
        """Give round values, and where they are."""
        from matplotlib.ticker import MaxNLocator

        values = MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]).tick_values(self.low, self.high)
        return [(f"{value:g}", self.at(value)) for value in values if self.low <= value <= self.high]


def read(good: Path, oids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Read objects' light curves from a night's good rows.

    Parameters
    ----------
    good : Path
        Folder of the night's good rows.
    oids : iterable of str
        The objects; one without a usable row is left out.

    Returns
    -------
    dict
        By oid: ``mjd``, ``mag``, ``err`` and ``band`` as `starloop.features.photometry.light_curves` gives them, and
        the upper limits ``limit_mjd``, ``limit_mag`` and ``limit_band``, which difference photometry alone has.
    """
    path = good / "detections.parquet"
    wanted = sorted(set(oids))
    if not path.is_file() or not wanted:
        return {}
    curves = light_curves(pq.read_table(path, filters=[("oid", "in", wanted)])).to_pylist()
    found = {row["oid"]: row for row in curves if row["mjd"]}
    limits = _limits(good / "non_detections.parquet", [oid for oid, row in found.items() if not row["apparent"]])
    for oid, row in found.items():
        mine = limits.filter(pc.equal(limits["oid"], oid))
        row["limit_mjd"], row["limit_mag"] = mine["mjd"].to_pylist(), mine["diffmaglim"].to_pylist()
        row["limit_band"] = [BAND_OF_FID[fid] for fid in mine["fid"].to_pylist()]
    return found


def _limits(path: Path, oids: list[str]) -> pa.Table:
    columns = ["oid", "mjd", "fid", "diffmaglim"]
    if not path.is_file() or not oids:
        return pa.table({name: pa.array([], pa.string() if name == "oid" else pa.float64()) for name in columns})
    table = pq.read_table(path, columns=columns, filters=[("oid", "in", oids)])
    return table.filter(pc.is_in(table["fid"], value_set=pa.array(list(BAND_OF_FID), table["fid"].type)))


def draw(curve: dict[str, Any], frame: Frame = PLAIN) -> Markup:
    """Draw one light curve, as `read` gives it, as SVG: brighter is up.

    The page it stands in gives ``.band-g``, ``.band-r`` and ``.band-i`` their colours.
    """
    lows = [mag - err for mag, err in zip(curve["mag"], curve["err"], strict=True)]
    highs = [mag + err for mag, err in zip(curve["mag"], curve["err"], strict=True)]
    days = Scale.of([*curve["mjd"], *curve["limit_mjd"]], frame.left, frame.width - frame.right, least=1.0)
    magnitudes = Scale.of([*lows, *highs, *curve["limit_mag"]], frame.top, frame.height - frame.bottom, least=0.1)
    seen = {*curve["band"], *curve["limit_band"]}
    picture = _template().render(
        frame=frame,
        bands=[
            _band(name, curve, days, magnitudes, MARKERS[name] if frame.axes else _DOT)
            for name in MARKERS
            if name in seen
        ],
        days=days,
        magnitudes=magnitudes,
        says=_says(curve),
    )
    # Our own template, which escapes.
    return Markup(picture)  # noqa: S704


@cache
def _template() -> jinja2.Template:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True
    ).get_template("curve.svg")


def _band(name: str, curve: dict[str, Any], days: Scale, magnitudes: Scale, marker: str) -> dict[str, str]:
    points, errors, limits = [], [], []
    for mjd, mag, err, band in zip(*(curve[key] for key in ("mjd", "mag", "err", "band")), strict=True):
        if band == name:
            x = days.at(mjd)
            points.append(f"M{x} {magnitudes.at(mag)}{marker}")
            errors.append(f"M{x} {magnitudes.at(mag - err)}V{magnitudes.at(mag + err)}")
    for mjd, mag, band in zip(*(curve[f"limit_{key}"] for key in ("mjd", "mag", "band")), strict=True):
        if band == name:
            limits.append(f"M{days.at(mjd)} {magnitudes.at(mag)}{_LIMIT}")
    return {"name": name, "points": "".join(points), "errors": "".join(errors), "limits": "".join(limits)}


def _says(curve: dict[str, Any]) -> str:
    counts = ", ".join(f"{curve['band'].count(name)} in {name}" for name in MARKERS if name in curve["band"])
    return (
        f"Light curve of {len(curve['mjd'])} detections ({counts}), magnitude {min(curve['mag']):.1f} to "
        f"{max(curve['mag']):.1f}, MJD {min(curve['mjd']):.0f} to {max(curve['mjd']):.0f}"
    )
