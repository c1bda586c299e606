"""From the tables of a sky to the light curves that features are computed from."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from starloop.features.curves import complete
from starloop.features.photometry import light_curves
from starloop.features.releases import release_curves, upper_limits
from starloop.features.sphere import galactic_latitude
from starloop.features.tess_files import tess_curves

TABLES = ("detections", "non_detections", "releases", "objects", "tess")
"""What is taken from a sky or a night. Forced photometry is left: it is not measured of most objects."""


def curves(tables: Mapping[str, pa.Table], tess_folder: Path) -> pa.Table:
    """Make the light curves of every object that has a detection.

    A redshift is never filled in: a catalogue that has one is the catalogue the label came from.

    Parameters
    ----------
    tables : mapping of str to pyarrow.Table
        Those of `TABLES`, as in a sky directory; rows of objects without a detection are not looked at.
    tess_folder : Path
        Where the files are that the tess table names.

    Returns
    -------
    pyarrow.Table
        Columns of `starloop.features.curves.SCHEMA`, sorted by oid.

    Raises
    ------
    BadInput
        When a TESS file is not there or cannot be read.
    """
    alerts = light_curves(tables["detections"])
    oids, objects = alerts["oid"].combine_chunks(), tables["objects"]
    place = objects.take(pc.index_in(oids, value_set=objects["oid"].combine_chunks()))
    latitude = galactic_latitude(place["ra"].to_numpy(), place["dec"].to_numpy())
    columns = {
        **{name: alerts[name] for name in alerts.column_names},
        **upper_limits(tables["non_detections"], oids),
        **release_curves(tables["releases"], objects, oids),
        **tess_curves(tables["tess"], objects, oids, tess_folder),
        "galactic_latitude": pa.array(latitude, from_pandas=True),
    }
    return complete(pa.table(columns))
