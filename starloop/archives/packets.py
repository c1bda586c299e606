"""ZTF alerts from a folder of alert packets (Avro), such as a night of the public alert archive.

The archive is at https://ztf.uw.edu/alerts/public/ (Patterson et al. 2019, doi:10.1088/1538-3873/aae904).
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from starloop.archives.alerce import LISTED, LightCurve
from starloop.archives.line import Refused
from starloop.archives.packet_rows import kept, once, told
from starloop.errors import BadInput
from starloop.nights.calendar import Night

_AT_ONCE = 1000
"""So many packets are turned into columns together."""
_REASON = 200


class _ByObject:
    """Rows sorted by object, and where each object's begin and end."""

    def __init__(self, rows: pa.Table) -> None:
        self.rows = rows
        runs = pc.run_end_encode(rows["oid"].combine_chunks())
        ends = runs.run_ends.to_pylist()
        self._place = dict(zip(runs.values.to_pylist(), zip([0, *ends], ends, strict=False), strict=True))

    def of(self, oid: str, night: Night) -> pa.Table:
        """Give an object's rows that were told before the night's end."""
        begin, end = self._place.get(oid, (0, 0))
        rows = self.rows.slice(begin, end - begin)
        return rows.filter(pc.less(rows["told"], night.end)).drop_columns("told").combine_chunks()


@dataclass(frozen=True)
class _Contents:
    """What a folder of packets holds."""

    detections: _ByObject
    non_detections: _ByObject
    forced: _ByObject
    failures: dict[str, str]


class Packets:
    """The alert packets of a folder and of the folders in it. They are read when they are first needed, once.

    A night is told by the packets that were there at its end, so adding those of later nights does not change it.

    Parameters
    ----------
    folder : Path
        Where the ``*.avro`` files are: schema 3 or 4, one alert or several a file, of any programme.

    Attributes
    ----------
    files : tuple of str
        Their names in the folder, sorted.

    Raises
    ------
    BadInput
        When there are none.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        found = folder.rglob("*.avro") if folder.is_dir() else ()
        self.files = tuple(sorted(path.relative_to(folder).as_posix() for path in found))
        if not self.files:
            raise BadInput(
                f"there are no alert packets (*.avro) in {folder}: unpack a night of the alert archive there, "
                "or unset STARLOOP_ARCHIVES__PACKETS to ask ALeRCE"
            )
        self._reading = threading.Lock()
        self._read: _Contents | None = None

    @property
    def failures(self) -> dict[str, str]:
        """Why each other file could not be used, by its name in the folder."""
        return self._contents().failures

    def active(self, night: Night) -> pa.Table:
        """List the objects with an alert in the night.

        Returns
        -------
        pyarrow.Table
            Rows of `LISTED`, sorted by oid, without a TIC; the position is the mean over the detections.

        Raises
        ------
        BadInput
            When no file of the folder is an alert packet.
        """
        rows = self._contents().detections.rows
        rows = rows.filter(pc.less(rows["told"], night.end))
        tonight = pc.and_(pc.greater_equal(rows["mjd"], night.begin), pc.less(rows["mjd"], night.end))
        return _listed(rows.filter(pc.is_in(rows["oid"], value_set=pc.unique(rows["oid"].filter(tonight)))))

    def light_curve(self, oid: str, night: Night) -> LightCurve:
        """Give what packets had told of an object by the night's end: its alerts, and the 30 days before each.

        Raises
        ------
        Refused
            When no packet of the object is as early as that.
        BadInput
            When no file of the folder is an alert packet.
        """
        contents = self._contents()
        detections = contents.detections.of(oid, night)
        if not detections.num_rows:
            raise Refused(f"no packet of it from before the end of {night}")
        return LightCurve(detections, contents.non_detections.of(oid, night))

    def forced(self, oid: str, night: Night) -> pa.Table:
        """Give the forced photometry that packets had told of an object by the night's end; schema 3 has none.

        Returns
        -------
        pyarrow.Table
            Rows of `starloop.archives.packet_rows.FORCED`, sorted by time, then filter.

        Raises
        ------
        BadInput
            When no file of the folder is an alert packet.
        """
        return self._contents().forced.of(oid, night)

    def _contents(self) -> _Contents:
        with self._reading:
            if self._read is None:
                self._read = _read(self._folder, self.files)
            return self._read


def _read(folder: Path, files: tuple[str, ...]) -> _Contents:
    """Read every file; raise `BadInput` when not one of them can be used."""
    failures: dict[str, str] = {}
    parts = [told(packets) for packets in _batches(folder, files, failures)]
    if not parts:
        name, why = next(iter(failures.items()))
        raise BadInput(
            f"none of the {len(files)} *.avro files in {folder} is a ZTF alert packet ({name}: {why}): "
            "check STARLOOP_ARCHIVES__PACKETS"
        )
    # A table's parts are let go as soon as they are one: a night has millions of rows.
    tables = {name: _ByObject(once(name, [part.pop(name) for part in parts])) for name in list(parts[0])}
    return _Contents(**tables, failures=failures)


def _batches(folder: Path, files: tuple[str, ...], failures: dict[str, str]) -> Iterator[pa.StructArray]:
    """Give what is kept of the packets, many at once, and note why the other files cannot be used."""
    waiting: list[pa.StructArray] = []
    for name in files:
        try:
            waiting += _decoded(folder / name)
        except Exception as wrong:  # noqa: BLE001 - broken bytes make the decoder raise almost anything
            failures[name] = " ".join(f"{type(wrong).__name__}: {wrong}".split())[:_REASON]
        if len(waiting) >= _AT_ONCE:
            yield pa.concat_arrays(waiting)
            waiting = []
    if waiting:
        yield pa.concat_arrays(waiting)


def _decoded(path: Path) -> list[pa.StructArray]:
    """Decode a file with its own schema: leaving fields out with a reader's schema would take longer."""
    from fastavro import reader

    with path.open("rb") as file:
        packets = [kept(packet) for packet in reader(file)]
    if not packets:
        raise ValueError("it holds no alert")
    return packets


def _listed(rows: pa.Table) -> pa.Table:
    """Give the objects of detections that are sorted by object, with the means of their positions."""
    objects = rows.group_by("oid", use_threads=False).aggregate([("ra", "first"), ("oid", "count")])
    first = objects["ra_first"].to_numpy()
    # Right ascensions are averaged as distances from the first one: 0 and 360 degrees are the same.
    east = rows["ra"].to_numpy() - np.repeat(first, objects["oid_count"].to_numpy())
    rows = rows.append_column("east", pa.array((east + 180.0) % 360.0 - 180.0, from_pandas=True))
    means = rows.group_by("oid", use_threads=False).aggregate([("east", "mean"), ("dec", "mean")])
    ra = (first + means["east_mean"].to_numpy()) % 360.0
    tic = pa.nulls(len(objects), pa.int64())
    return pa.table([objects["oid"], pa.array(ra), means["dec_mean"], tic, objects["oid_count"]], schema=LISTED)
