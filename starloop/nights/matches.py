"""Which object of one archive is which of another: by position, with the distance.

A source is named by where it was first detected. That detection never changes, while an object's mean position does,
and the numbers of a data release change with the release: so the name is the same on every night and in every release.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MATCHES = pa.schema(
    [
        ("source", pa.string()),
        ("archive", pa.string()),
        ("identifier", pa.string()),
        ("ra", pa.float64()),
        ("dec", pa.float64()),
        ("arcsec", pa.float64()),
    ]
)
NEWEST = "ztf_dr"
"""What the data release is called when none was asked for by name."""

_PER_DEG_RA, _PER_DEG_DEC = 24_000, 36_000
"""Names count hundredths of a second in right ascension, and tenths of an arcsecond in declination."""


def match(tables: dict[str, pa.Table], stars: pa.Table, collection: str | None) -> pa.Table:
    """Match what the archives say of a night's objects to the sources they are.

    Parameters
    ----------
    tables : dict of str to pyarrow.Table
        The night's objects, detections, releases and catalogues, as in a sky directory.
    stars : pyarrow.Table
        Columns oid, tic, ra, dec (deg): the TIC stars found.
    collection : str or None
        IRSA's data release.

    Returns
    -------
    pyarrow.Table
        Rows of `MATCHES`, sorted: the source's name; which archive or catalogue has it, and as what; its position
        there (deg) and the distance (arcsec) from where the source was first detected.
    """
    sources = _sources(tables["detections"])
    objects = tables["objects"]
    releases = _means(tables["releases"])
    catalogues = tables["catalogues"]
    parts = [
        _part(sources, objects["oid"], _all("ZTF", objects), objects["oid"], objects["ra"], objects["dec"]),
        _part(
            sources, releases["query"], _all(collection or NEWEST, releases), releases["oid"],
            releases["ra"], releases["dec"],
        ),
        _part(sources, stars["oid"], _all("TIC", stars), stars["tic"], stars["ra"], stars["dec"]),
        _part(
            sources, catalogues["oid"], catalogues["catalogue"], catalogues["name"], catalogues["ra"], catalogues["dec"]
        ),
    ]  # fmt: skip
    joined = pa.concat_tables(parts)
    return joined.sort_by([(name, "ascending") for name in MATCHES.names]).combine_chunks()


def _sources(detections: pa.Table) -> pa.Table:
    """Give each object's first detection: columns oid, ra, dec and the source's name."""
    from astropy.coordinates import Angle

    placed = pc.and_(pc.is_valid(detections["ra"]), pc.is_valid(detections["dec"]))
    known = detections.filter(pc.and_(pc.is_valid(detections["mjd"]), placed))
    order = known.sort_by([("oid", "ascending"), ("mjd", "ascending"), ("candid", "ascending")])
    first = order.group_by("oid", use_threads=False).aggregate([("ra", "first"), ("dec", "first")])
    first = first.rename_columns(["oid", "ra", "dec"])
    # cut, not rounded, as the IAU asks for: no position is named 24 h
    ra = Angle(np.floor(first["ra"].to_numpy() * _PER_DEG_RA) % (360 * _PER_DEG_RA) / _PER_DEG_RA, "deg")
    dec = Angle(np.trunc(first["dec"].to_numpy() * _PER_DEG_DEC) / _PER_DEG_DEC + 0.0, "deg")
    digits = {"sep": "", "pad": True}
    names = [
        f"J{right}{up}"
        for right, up in zip(
            ra.to_string("hour", precision=2, **digits),
            dec.to_string("deg", precision=1, alwayssign=True, **digits),
            strict=True,
        )
    ]
    return first.append_column("source", pa.array(names, pa.string()))


def _means(releases: pa.Table) -> pa.Table:
    """Give each data-release object's mean position, of epochs on both sides of 0 h as well: columns query to dec."""
    ra, dec = (np.radians(releases[axis].to_numpy().astype(float)) for axis in ("ra", "dec"))
    vectors = {"x": np.cos(dec) * np.cos(ra), "y": np.cos(dec) * np.sin(ra), "z": np.sin(dec)}
    rows = releases.select(["query", "oid"])
    for axis, values in vectors.items():
        rows = rows.append_column(axis, pa.array(values, from_pandas=True))
    means = rows.group_by(["query", "oid"], use_threads=False).aggregate([(axis, "mean") for axis in vectors])
    x, y, z = (means[f"{axis}_mean"].to_numpy() for axis in vectors)
    means = means.append_column("ra", pa.array(np.degrees(np.arctan2(y, x)) % 360, from_pandas=True))
    return means.append_column("dec", pa.array(np.degrees(np.arctan2(z, np.hypot(x, y))), from_pandas=True))


def _all(archive: str, rows: pa.Table) -> pa.Array:
    return pa.array([archive] * rows.num_rows, pa.string())


def _part(
    sources: pa.Table,
    oid: pa.ChunkedArray,
    archive: pa.Array | pa.ChunkedArray,
    identifier: pa.ChunkedArray,
    ra: pa.ChunkedArray,
    dec: pa.ChunkedArray,
) -> pa.Table:
    from astropy.coordinates import angular_separation

    place = pc.index_in(oid, value_set=sources["oid"].combine_chunks())
    source = sources.take(place)
    there, here = (
        (np.radians(table.to_numpy().astype(float)) for table in pair)
        for pair in ((ra, dec), (source["ra"], source["dec"]))
    )
    arcsec = np.degrees(angular_separation(*here, *there)) * 3600
    return pa.table(
        [source["source"], archive, identifier.cast(pa.string()), ra, dec, pa.array(arcsec, from_pandas=True)],
        schema=MATCHES,
    )
