"""What the page of one object shows, put together from what is known of it and what was answered."""

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from starloop.features.tess import BIN
from starloop.observed import Observed
from starloop.pages import plots
from starloop.pages.plots import Series
from starloop.pages.skymap import skymap

_KINDS = (
    ("alerts", "", ("mjd", "mag", "err", "band")),
    ("release", "release_", ("release_mjd", "release_mag", "release_err", "release_band")),
)
_TITLES = {"alerts": "Alerts", "release": "Data release", "tess": "TESS"}


def figures(curve: pa.Table, features: pa.Table | None) -> list[dict[str, Any]]:
    """Give the plots of a light curve that have a point: alerts, data release, TESS.

    Parameters
    ----------
    curve : pyarrow.Table
        One row of `starloop.features.curves.SCHEMA`.
    features : pyarrow.Table or None
        Its features, for the periods found.

    Returns
    -------
    list of dict
        ``key``, ``title``, ``unit``, ``brighter_up``, ``apparent`` (its limits are not drawn), ``plot``, ``series``,
        ``rows`` (of the table behind it), and ``period`` (days, None where none was found) with its ``power``.
    """
    row = curve.to_pylist()[0]
    told = []
    for key, prefix, names in _KINDS:
        points = list(zip(*(row[name] or [] for name in names), strict=True))
        limits = _limits(row) if key == "alerts" else []
        known = {one[3] for one in points} | {one[2] for one in limits}
        series = [_band(band, points, limits) for band in "gri" if band in known]
        # Limits are of the difference image: beside magnitudes of the object as a whole they would mislead.
        apparent = key == "alerts" and bool(row["apparent"]) and bool(points)
        told.append(_figure(key, "mag", series, features, f"{prefix}period") | {"apparent": apparent})
    told.append(_figure("tess", "relative flux", [_tess(row)], features, "tess_period") | {"apparent": False})
    for one in told:
        drawn = [replace(of, limits=()) for of in one["series"]] if one["apparent"] else one["series"]
        one["plot"] = plots.plot(drawn, brighter_up=one["brighter_up"])
    return [one for one in told if one["plot"]]


def folded(shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give what the browser folds: of every plot its points and the period found, as JSON values."""
    return [
        {
            "key": one["key"],
            "title": one["title"],
            "unit": one["unit"],
            "brighterUp": one["brighter_up"],
            "period": one["period"],
            "bands": [
                {"band": of.band, "x": [round(x, 6) for x in of.x], "y": [round(y, 4) for y in of.y],
                 "err": [round(err, 4) for err in of.err]}
                for of in one["series"] if len(of.x)
            ],
        }
        for one in shown
        if any(len(of.x) > 1 for of in one["series"])
    ]  # fmt: skip


def answered(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Give every class with its probability and threshold, the most probable first.

    Parameters
    ----------
    told : dict
        ``answer`` of `starloop.explain`.
    """
    ordered = sorted(told["probabilities"].items(), key=lambda one: (-one[1], one[0]))
    return [
        {"name": name, "probability": share, "threshold": told["thresholds"][name], "best": name == told["best"]}
        for name, share in ordered
    ]


def where(seen: Observed) -> dict[str, Any] | None:
    """Give the map of an object and its position in words; None where it is not known."""
    if seen.ra is None or seen.dec is None:
        return None
    return {"map": skymap(seen.ra, seen.dec), "ra": seen.ra, "dec": seen.dec, "words": _sexagesimal(seen.ra, seen.dec)}


def _figure(key: str, unit: str, series: list[Series], features: pa.Table | None, period: str) -> dict[str, Any]:
    rows: list[tuple[float, str, float, float | None, bool]]
    rows = [(x, of.band, y, err, False) for of in series for x, y, err in zip(of.x, of.y, of.err, strict=True)]
    rows += [(x, of.band, y, None, True) for of in series for x, y in of.limits]
    return {
        "key": key,
        "title": _TITLES[key],
        "unit": unit,
        "brighter_up": unit == "mag",
        "series": series,
        "points": sum(len(of.x) for of in series),
        "limits": sum(len(of.limits) for of in series),
        "rows": sorted(rows, key=lambda row: (row[0], row[1])),
        "period": _days(features, f"{period}_log10"),
        "power": _value(features, f"{period}_power"),
    }


def _band(band: str, points: list[tuple[Any, ...]], limits: list[tuple[float, float, str]]) -> Series:
    mine = [one for one in points if one[3] == band]
    return Series(
        band,
        [one[0] for one in mine],
        [one[1] for one in mine],
        [one[2] for one in mine],
        [(mjd, mag) for mjd, mag, of in limits if of == band],
    )


def _limits(row: dict[str, Any]) -> list[tuple[float, float, str]]:
    return list(zip(*(row[name] or [] for name in ("limit_mjd", "limit_mag", "limit_band")), strict=True))


def _tess(row: dict[str, Any]) -> Series:
    """Average the TESS light curve in bins as long as those of its features: a sector has 20,000 points."""
    time, flux = (np.asarray(row[name] or [], dtype=float) for name in ("tess_time", "tess_flux"))
    if not len(time):
        return Series("tess", [], [], [])
    _, first, count = np.unique(np.floor(np.sort(time) / BIN), return_index=True, return_counts=True)
    order = np.argsort(time, kind="stable")
    x, y = (np.add.reduceat(values[order], first) / count for values in (time, flux))
    return Series("tess", x.tolist(), y.tolist(), [0.0] * len(x))


def _value(features: pa.Table | None, name: str) -> float | None:
    if features is None or name not in features.column_names:
        return None
    value = features[name][0].as_py()
    return None if value is None or np.isnan(value) else float(value)


def _days(features: pa.Table | None, name: str) -> float | None:
    value = _value(features, name)
    return None if value is None else 10.0**value


def _sexagesimal(ra: float, dec: float) -> str:
    """Write a position (deg) in hours and degrees, cut to 0.1 s and 1 arcsec."""
    tenths, seconds = int(ra * 2400.0), int(abs(dec) * 3600.0)
    hours = f"{tenths // 36000:02d}h {tenths // 600 % 60:02d}m {tenths % 600 / 10:04.1f}s"
    return f"{hours} {'-' if dec < 0 else '+'}{seconds // 3600:02d}° {seconds // 60 % 60:02d}′ {seconds % 60:02d}″"
