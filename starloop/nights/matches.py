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
    releases = (
        tables["releases"].group_by(["query", "oid"], use_threads=False).aggregate([("ra", "mean"), ("dec", "mean")])
    )
    catalogues = tables["catalogues"]
    parts = [
        _part(sources, objects["oid"], _all("ZTF", objects), objects["oid"], objects["ra"], objects["dec"]),
        _part(
            sources, releases["query"], _all(collection or NEWEST, releases), releases["oid"],
            releases["ra_mean"], releases["dec_mean"],
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
    from astropy import units
    from astropy.coordinates import SkyCoord

    known = detections.filter(pc.and_(pc.is_valid(detections["mjd"]), pc.is_valid(detections["ra"])))
    order = known.sort_by([("oid", "ascending"), ("mjd", "ascending"), ("candid", "ascending")])
    first = order.group_by("oid", use_threads=False).aggregate([("ra", "first"), ("dec", "first")])
    first = first.rename_columns(["oid", "ra", "dec"])
    places = SkyCoord(first["ra"].to_numpy() * units.deg, first["dec"].to_numpy() * units.deg)
    digits = {"sep": "", "pad": True}
    names = [
        f"J{ra}{dec}"
        for ra, dec in zip(
            places.ra.to_string(units.hour, precision=2, **digits),
            places.dec.to_string(units.deg, precision=1, alwayssign=True, **digits),
            strict=True,
        )
    ]
    return first.append_column("source", pa.array(names, pa.string()))


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
