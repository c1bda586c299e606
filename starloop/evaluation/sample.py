"""The labelled objects of a sky: what they are, where they are, and their features at every length."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from starloop.evaluation.lengths import first_detections, snapshots
from starloop.features.assembly import TABLES
from starloop.features.night import KEYS
from starloop.features.schema import NAMES
from starloop.model.boosting import Rows
from starloop.model.bundle import matrix
from starloop.model.calibration import Ints, Reals
from starloop.model.splits import groups
from starloop.sky.tables import Sky


@dataclass(frozen=True)
class Sample:
    """Labelled objects with alert detections, sorted by oid.

    Parameters
    ----------
    classes : list of str
        The classes there are.
    truth : ndarray, shape (n,)
        Index of each object's.
    group : ndarray, shape (n,)
        Position on the sky, as `starloop.model.splits.groups`.
    first : ndarray, shape (n,)
        First alert detection (MJD, days).
    features : dict of str to pa.Table
        As `starloop.evaluation.lengths.snapshots`.
    tables : mapping of str to pa.Table
        The rows they were extracted from.
    tess_folder : Path
        Where the TESS files are.
    """

    classes: list[str]
    truth: Ints
    group: Ints
    first: Reals
    features: dict[str, pa.Table]
    tables: Mapping[str, pa.Table]
    tess_folder: Path

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def whole(self) -> pa.Table:
        """The features of the whole light curves."""
        return self.features["all"]

    def rows(self, features: pa.Table, chosen: NDArray[np.bool_] | None = None) -> Rows:
        """Give training rows: some of the objects, all unless chosen, with features in the sample's order."""
        kept = np.ones(len(self), dtype=bool) if chosen is None else chosen
        return Rows(
            features=matrix(features, list(NAMES))[kept],
            truth=self.truth[kept],
            group=self.group[kept],
            names=list(NAMES),
            classes=len(self.classes),
        )


def sample(sky: Sky, class_of: Mapping[str, str], order: list[str], told: Callable[[], None] = lambda: None) -> Sample:
    """Read a sky's objects of known class and extract their features at every length.

    Parameters
    ----------
    sky : Sky
        Where they are.
    class_of : mapping
        Class of each object that counts; those without a detection are left out.
    order : list of str
        The classes in their order.
    told : callable
        Called after each length.
    """
    oids = pa.array(sorted(class_of), pa.string())
    tables = {name: _of(sky.read(name), name, oids) for name in TABLES}
    tess_folder = sky.folder / "tess"
    features = snapshots(tables, tess_folder, told)
    found = features["all"]["oid"]
    places = tables["objects"].take(pc.index_in(found, value_set=tables["objects"]["oid"].combine_chunks()))
    first = first_detections(tables)
    present = [class_of[oid] for oid in found.to_pylist()]
    classes = [name for name in order if name in set(present)]
    return Sample(
        classes=classes,
        truth=np.array([classes.index(name) for name in present], dtype=np.int64),
        group=groups(places["ra"].to_numpy(), places["dec"].to_numpy()),
        first=first["mjd"].take(pc.index_in(found, value_set=first["oid"].combine_chunks())).to_numpy(),
        features=features,
        tables=tables,
        tess_folder=tess_folder,
    )


def _of(rows: pa.Table, name: str, oids: pa.Array) -> pa.Table:
    return rows.filter(pc.is_in(rows[KEYS[name]], value_set=oids)).combine_chunks() if name in KEYS else rows
