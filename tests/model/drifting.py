"""A small sky for the drift check: stars whose brightness wanders, observed in g and r, and what becomes of a night."""

from typing import Any

import numpy as np
import pyarrow as pa

from starloop.drift.params import DriftParams
from starloop.drift.reference import describe
from starloop.drift.seen import Seen
from starloop.nights.calendar import Night
from starloop.sky.tables import DETECTIONS, NON_DETECTIONS, RELEASES

NIGHT, LEARNT = Night.parse("2020-06-20"), Night.parse("2020-06-10")
PARAMS = DriftParams()
FEATURES = ["g_median", "g_amplitude", "g_duration", "r_median", "r_duration", "period_log10"]
KINDS, QUIET = ["RRL", "QSO", "SNIa"], [0.3, 0.3, 0.4]
_EVERY, _VISITS = 3, 15


def tables(objects: int = 60, seed: int = 1) -> dict[str, pa.Table]:
    """Give the good rows of a night: every object seen every third night up to this one, once in g and once in r."""
    rng = np.random.default_rng(seed)
    of = np.repeat(np.arange(objects), 2 * _VISITS)
    visit = np.tile(np.repeat(np.arange(_VISITS), 2), objects)
    fid = np.tile([1, 2], objects * _VISITS)
    mjd = NIGHT.begin - _EVERY * (_VISITS - 1 - visit) + 0.2 + 0.02 * fid
    wander = rng.normal(0, 0.2, (objects, _VISITS))[of, visit]
    mag = rng.uniform(16, 19, objects)[of] + wander + 0.4 * (fid == 1) + rng.normal(0, 0.03, len(of))
    limit = 20.5 + rng.normal(0, 0.05, len(of))
    oid = np.array([f"ZTF20{number:07d}" for number in range(objects)])[of]
    alerts = {"candid": [f"{row}" for row in range(len(of))], "magpsf": mag + 2, "sigmapsf": 0.1, "magpsf_corr": mag}
    alerts |= {"sigmapsf_corr": 0.03, "sigmapsf_corr_ext": 0.03, "isdiffpos": np.sign(wander), "diffmaglim": limit}
    alerts |= {"rb": rng.uniform(0.5, 1, len(of)), "drb": None, "distnr": 0.3, "corrected": True, "dubious": False}
    epochs = {"mag": mag, "magerr": 0.03, "catflags": 0, "filtercode": np.where(fid == 1, "zg", "zr"), "query": oid}
    epochs["mag"] = mag + rng.normal(0, 0.03, len(of))
    epochs |= {"limitmag": limit + 0.6, "magzp": 26.0 + rng.normal(0, 0.05, len(of)), "field": 500, "ccdid": 1.0}
    epochs |= {"qid": 2.0, "chi": 1.0, "sharp": 0.0, "magzprms": 0.03}
    every: dict[str, Any] = {"mjd": mjd, "fid": fid, "ra": 10.0, "dec": 20.0}
    return {
        "detections": table(DETECTIONS, every | alerts | {"oid": oid}),
        "non_detections": table(NON_DETECTIONS, every | {"oid": oid, "diffmaglim": limit}),
        "releases": table(RELEASES, every | epochs | {"oid": 4 * of + fid}),
    }


def table(schema: pa.Schema, values: dict[str, Any]) -> pa.Table:
    """Make a table of columns and single values; what is not named is null."""
    rows = len(values["mjd"])
    columns = [values.get(field.name) for field in schema]
    full = [column if isinstance(column, np.ndarray | list) else [column] * rows for column in columns]
    return pa.table([pa.array(column, field.type) for column, field in zip(full, schema, strict=True)], schema)


def tonight(rows: pa.Table) -> np.ndarray:
    """Tell which rows are the night's."""
    return rows["mjd"].to_numpy() >= NIGHT.begin


def changed(rows: pa.Table, column: str, values: Any, where: np.ndarray) -> pa.Table:
    """Give the rows with other values in a column where told; NaN is null."""
    place, field = rows.column_names.index(column), rows.schema.field(column)
    before = rows[column].to_numpy(zero_copy_only=False)
    return rows.set_column(place, field, pa.array(np.where(where, values, before), field.type, from_pandas=True))


def objects(
    seed: int, count: int = 240, *, shares: list[float] = QUIET, shift: float = 0.0, night: Night = LEARNT
) -> tuple[pa.Table, pa.Table]:
    """Give features and predictions of so many objects, in an order of their own; the features have ``night``."""
    rng = np.random.default_rng(seed)
    kinds = rng.choice(KINDS, count, p=shares)
    columns: dict[str, Any] = {"oid": [f"ZTF{seed:02d}{row:06d}" for row in rng.permutation(count)]}
    columns |= {name: rng.normal(18 + shift, 1.0, count).astype(np.float32) for name in FEATURES}
    columns |= {name: rng.uniform(10, 60, count).astype(np.float32) for name in FEATURES if name.endswith("duration")}
    columns["period_log10"][kinds == "SNIa"] = np.nan
    decisions = np.where(rng.uniform(size=count) < 0.1, "uncertain", kinds).tolist()
    facts = {"night": [str(night)] * count, "split": ["test"] * count, "label": kinds.tolist()}
    told = {"oid": columns["oid"], "decision": decisions, "confidence": rng.uniform(0.5, 1.0, count)}
    return pa.table(columns | facts), pa.table(told)


def described(seed: int = 1, count: int = 300) -> dict[str, Any]:
    """Give the reference of a champion trained on such objects up to the night `LEARNT`."""
    features, told = objects(seed, count)
    return describe(features, FEATURES, told["decision"].to_pylist(), told["confidence"].to_pylist())


def seen(rows: dict[str, pa.Table] | None = None, **how: Any) -> Seen:
    """Give a night of such rows and such objects."""
    features, told = objects(2, **how)
    return Seen(str(NIGHT), features, told, rows or tables())


def by_group(measures: list[Any], name: str) -> dict[str, float | None]:
    """Give the values of one measure by its group."""
    told = [one if isinstance(one, dict) else one.as_dict() for one in measures]
    return {one["group"]: one["value"] for one in told if one["name"] == name}
