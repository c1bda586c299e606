"""ZTF alert packets as rows of the sky tables.

A packet tells of its own candidate, of the 30 days before it (``prv_candidates``) and, since schema 4, of the forced
photometry of those days (``fp_hists``), so most rows are told by many packets. The earliest packet's word stands: of
a detection that is its own packet, which is the fullest (later ones repeat it rounded, without drb), and no packet of
a later night changes an earlier one. The schemas are at https://github.com/ZwickyTransientFacility/ztf-avro-alert.
"""

import math
from collections.abc import Iterable
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from starloop.sky.tables import DETECTIONS, NON_DETECTIONS

_TEXT, _REAL, _INT = pa.string(), pa.float64(), pa.int64()

FORCED = pa.schema(
    [
        ("oid", _TEXT),
        ("mjd", _REAL),
        ("fid", pa.int8()),
        ("ra", _REAL),
        ("dec", _REAL),
        ("field", _INT),
        ("rcid", _INT),
        ("programid", _INT),
        ("exptime", _REAL),
        ("forcediffimflux", _REAL),
        ("forcediffimfluxunc", _REAL),
        ("magzpsci", _REAL),
        ("magzpsciunc", _REAL),
        ("magzpscirms", _REAL),
        ("clrcoeff", _REAL),
        ("clrcounc", _REAL),
        ("diffmaglim", _REAL),
        ("scibckgnd", _REAL),
        ("scisigpix", _REAL),
        ("sciinpseeing", _REAL),
        ("distnr", _REAL),
        ("magnr", _REAL),
        ("sigmagnr", _REAL),
        ("procstatus", _TEXT),
    ]
)
"""Forced photometry on difference images, one row an object, exposure and readout channel; missing values are nulls.

``mjd`` is the exposure's start (days, UTC), ``ra`` and ``dec`` (deg) the position it was measured at, which is that of
the packet's candidate. ``forcediffimflux`` and its error ``forcediffimfluxunc`` are in DN:
the magnitude is ``magzpsci - 2.5 log10(forcediffimflux)``, of a source brighter than in the reference image.
``magzpsci``, its error ``magzpsciunc`` and scatter ``magzpscirms``, and the 5-sigma limit ``diffmaglim`` are
in magnitudes, the colour term ``clrcoeff`` and its error ``clrcounc`` in magnitudes a magnitude of colour. ``exptime``
is in seconds, the science image's background ``scibckgnd`` and noise a pixel ``scisigpix`` in DN, its seeing
``sciinpseeing`` in pixels (FWHM). ``distnr`` (arcsec), ``magnr`` and ``sigmagnr`` (mag) are of the nearest source in
the reference image. ``procstatus`` has the codes of what went wrong, comma-joined, ``0`` for nothing. ``programid`` is
0 for engineering, 1 for public, 2 for partners' and 3 for Caltech's exposures.
"""

_ALERT = pa.struct(
    [("jd", _REAL), ("fid", pa.int8()), ("candid", _INT), ("isdiffpos", _TEXT)]
    + [(name, _REAL) for name in ("magpsf", "sigmapsf", "rb", "drb", "distnr", "diffmaglim", "ra", "dec")]
)
_EPOCH = pa.struct([("jd", _REAL), *(field for field in FORCED if field.name not in ("oid", "mjd", "ra", "dec"))])
PACKET = pa.struct(
    [("objectId", _TEXT), ("candidate", _ALERT), ("prv_candidates", pa.list_(_ALERT)), ("fp_hists", pa.list_(_EPOCH))]
)
"""What is kept of a packet."""

_KEYS = {
    "detections": ("oid", "mjd", "candid"),
    "non_detections": ("oid", "mjd", "fid"),
    # At the edge of a readout channel an exposure is measured in both channels.
    "forced": ("oid", "mjd", "fid", "field", "rcid"),
}
# A forced flux may well be -999 DN.
_NOT_MEASURED = pa.array([-999.0, -99999.0])
_NOT_FORCED = pa.array([-99999.0])
_JD_OF_MJD_ZERO = 2400000.5
_PARTS_OF_A_DAY = 1e7


def kept(packet: Any) -> pa.StructArray:
    """Take what is kept from one decoded packet.

    Returns
    -------
    pyarrow.StructArray
        One value of type `PACKET`.

    Raises
    ------
    ValueError
        When it does not say of which object it is, or its candidate lacks what places it in the sky and in time.
    pyarrow.ArrowException
        When a value is of another type.
    """
    row = pa.array([packet], PACKET)
    if not packet.get("objectId"):
        raise ValueError("it has no objectId")
    candidate = packet.get("candidate") or {}
    for name in ("jd", "candid", "ra", "dec"):
        value = candidate.get(name)
        if value is None or not math.isfinite(value):
            raise ValueError(f"its candidate has no {name}")
    return row


def told(packets: pa.StructArray) -> dict[str, pa.Table]:
    """Give every row that packets tell, as often as they tell it.

    Returns
    -------
    dict
        The tables detections, non_detections and forced, with a column `told` besides: the MJD of the packet's
        candidate.
    """
    own = packets.field("candidate")
    by = {"oid": packets.field("objectId"), "told": _mjd(own.field("jd"))}
    history, of = _flat(packets.field("prv_candidates"))
    alerts = pa.concat_tables([_alerts(own, by), _alerts(history, _taken(by, of))])
    # A detection whose magnitude is missing is one for the quarantine, not a limit.
    detected = pc.or_(pc.is_valid(alerts["candid"]), pc.is_valid(alerts["magpsf"]))
    epochs, of = _flat(packets.field("fp_hists"))
    place = _taken(by | {"ra": own.field("ra"), "dec": own.field("dec")}, of)
    return {
        "detections": alerts.filter(detected).select([*DETECTIONS.names, "told"]),
        "non_detections": alerts.filter(pc.invert(detected)).select([*NON_DETECTIONS.names, "told"]),
        "forced": _typed(_columns(epochs, _NOT_FORCED) | place, FORCED),
    }


def once(table: str, parts: Iterable[pa.Table]) -> pa.Table:
    """Keep each row as the earliest packet tells it, sorted by object and time; a key with a null repeats nothing."""
    rows = pa.concat_tables(parts)
    key = _KEYS[table]
    order = [*key, "told", *(name for name in rows.column_names if name not in (*key, "told"))]
    rows = rows.sort_by([(name, "ascending") for name in order]).combine_chunks()
    if len(rows) < 2:
        return rows
    same = [pc.equal(rows[name].slice(1), rows[name].slice(0, len(rows) - 1)) for name in key]
    again = pc.fill_null(reduce(pc.and_, same), False)
    return rows.filter(pa.chunked_array([pa.array([True]), *pc.invert(again).chunks]))


def _alerts(alerts: pa.StructArray, by: dict[str, pa.Array]) -> pa.Table:
    """Give candidates as rows of the detections table, with `told`."""
    columns = _columns(alerts, _NOT_MEASURED) | by
    letters = columns["isdiffpos"]
    faded = pc.if_else(pc.is_in(letters, pa.array(["f", "0"])), -1.0, pa.scalar(None, _REAL))
    columns["isdiffpos"] = pc.if_else(pc.is_in(letters, pa.array(["t", "1"])), 1.0, faded)
    columns["candid"] = columns["candid"].cast(_TEXT)
    # Packets have no corrected magnitudes; whether a correction would be dubious only ALeRCE says.
    columns["corrected"] = pa.array([False] * len(alerts), pa.bool_())
    return _typed(columns, DETECTIONS)


def _columns(rows: pa.StructArray, missing: pa.Array) -> dict[str, pa.Array]:
    """Give the fields of structs as columns, with the time as MJD, and null for the values that stand for none."""
    columns = {field.name: rows.field(field.name) for field in rows.type}
    for name, values in columns.items():
        if values.type == _REAL:
            nothing = pc.or_(pc.is_nan(values), pc.is_in(values, missing))
            columns[name] = pc.if_else(nothing, pa.scalar(None, _REAL), values)
    columns["mjd"] = _mjd(columns.pop("jd"))
    return columns


def _mjd(jd: pa.Array) -> pa.Array:
    """Turn JD into MJD, with the seven decimals that ZTF gives and not those of the subtraction."""
    return pc.divide(pc.round(pc.multiply(pc.subtract(jd, _JD_OF_MJD_ZERO), _PARTS_OF_A_DAY)), _PARTS_OF_A_DAY)


def _flat(lists: pa.ListArray) -> tuple[pa.Array, pa.Array]:
    """Put lists one after another, and tell of which packet each value is."""
    return pc.list_flatten(lists), pc.list_parent_indices(lists)


def _taken(columns: dict[str, pa.Array], of: pa.Array) -> dict[str, pa.Array]:
    return {name: values.take(of) for name, values in columns.items()}


def _typed(columns: dict[str, pa.Array], schema: pa.Schema) -> pa.Table:
    """Make a table of a schema and `told`; columns that packets do not have are null."""
    whole = schema.append(pa.field("told", _REAL))
    rows = len(columns["told"])
    return pa.table([columns.get(field.name, pa.nulls(rows, field.type)) for field in whole], schema=whole)
