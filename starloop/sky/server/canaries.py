"""What a served sky can always give, as of its night, and the settings that tell its clients so."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from starloop.archives.config import Archives, ArchiveSettings, Canaries
from starloop.sky.server.catalogues import vizier_tables
from starloop.sky.server.clock import View
from starloop.sky.server.irsa import sources

_CONNECTIONS = 8
_DEADLINE_S = 20.0
_EPOCHS_WITHIN_DEG = 0.0003
"""Clients ask within 0.0004: a source's mean position moves a little from night to night."""

Position = tuple[float, float]


def archives_at(url: str, view: View) -> Archives:
    """Give the settings with which clients find a sky that is served at `url`, without a trailing slash."""

    def at(path: str) -> ArchiveSettings:
        return ArchiveSettings(url=url + path, rate_per_s=None, connections=_CONNECTIONS, deadline_s=_DEADLINE_S)

    return Archives(
        alerce=at(""),
        irsa=at("/cgi-bin/ZTF/nph_light_curves"),
        mast=at(""),
        xmatch=at("/xmatch/api/v1/sync"),
        tap=at("/TAPVizieR/tap"),
        bts=at("/ztf/bts/explorer.php"),
        canaries=view.derive(canaries),
    )


def canaries(view: View) -> Canaries:
    """Choose what each archive must give: the earliest there is, so that it is still there on later nights."""
    files = view.tess.filter(pc.equal(view.tess["author"], "SPOC"))
    transients = pc.drop_null(view.catalogues.filter(pc.equal(view.catalogues["catalogue"], "BTS"))["oid"])
    entries = {
        name: _first_position(table["RAJ2000"], table["DEJ2000"])
        for name, (table, _) in view.derive(vizier_tables).items()
    }
    return Canaries(
        oid=_earliest(view.detections.table, "mjd", "oid"),
        epochs=_with_epochs(view),
        star=_first_position(view.stars["ra"], view.stars["dec"]),
        tic=_earliest(files, "t_max", "tic"),
        entries={name: position for name, position in entries.items() if position is not None},
        transient=transients[-1].as_py() if len(transients) else None,  # a list cut short lacks its last one
    )


def _earliest(rows: pa.Table, time: str, key: str) -> Any:
    """Give the key of the earliest row; the least one of several."""
    return pc.min(rows.filter(pc.equal(rows[time], pc.min(rows[time])))[key]).as_py()


def _with_epochs(view: View) -> Position | None:
    """Give the position of the object whose release epochs begin first, of those that lie where their epochs do."""
    begins = view.releases.table.group_by("query").aggregate([("mjd", "min")])
    begins = begins.sort_by([("mjd_min", "ascending"), ("query", "ascending")])
    places = pc.index_in(begins["query"], value_set=view.objects["oid"].combine_chunks(), skip_nulls=True)
    objects = view.objects.take(pc.drop_null(places))
    ra, dec = objects["ra"].to_numpy(), objects["dec"].to_numpy()
    found, _, _ = view.derive(sources).pairs(ra, dec, _EPOCHS_WITHIN_DEG)
    return (float(ra[found[0]]), float(dec[found[0]])) if len(found) else None


def _first_position(ra: pa.ChunkedArray, dec: pa.ChunkedArray) -> Position | None:
    """Give the first position whose two numbers are there."""
    known = np.flatnonzero(np.isfinite(ra.to_numpy()) & np.isfinite(dec.to_numpy()))
    return (ra[int(known[0])].as_py(), dec[int(known[0])].as_py()) if len(known) else None
