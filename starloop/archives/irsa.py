"""ZTF data-release photometry from IRSA (Masci et al. 2019, doi:10.1088/1538-3873/aae8ac)."""

from typing import Self

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from starloop.archives.http import Archive, Refused, client, get
from starloop.nights.calendar import Night
from starloop.settings import Archives
from starloop.sky.tables import RELEASES

RADIUS_DEG = 0.0004
"""1.5 arcsec, about ZTF's astrometric scatter plus half its pixel."""

_TYPES = {field.name: field.type for field in RELEASES if field.name != "query"}


class Irsa:
    """IRSA's light-curve service; use it as a context manager.

    Parameters
    ----------
    archives : Archives
        Its `irsa_url` is the whole address of the service.
    """

    def __init__(self, archives: Archives) -> None:
        self.archive = Archive("IRSA", archives.irsa_url, "STARLOOP_ARCHIVES__IRSA_URL", archives.timeout_s)
        self._session = client(archives.timeout_s, archives.connections)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def epochs(self, oid: str, ra: float, dec: float, night: Night) -> pa.Table:
        """Fetch the epochs around a position before the night's end.

        Parameters
        ----------
        oid : str
            The object they are fetched for; it becomes the column `query`.
        ra, dec : float
            Its position, degrees.

        Returns
        -------
        pyarrow.Table
            Rows of the releases table, sorted by source and time; none is not an error.

        Raises
        ------
        Refused
            When the answer is not the service's CSV.
        ArchiveDown
            When IRSA does not answer.
        """
        body = get(self._session, self.archive, {"POS": f"CIRCLE {ra:.6f} {dec:.6f} {RADIUS_DEG}", "FORMAT": "CSV"})
        try:
            epochs = csv.read_csv(
                pa.BufferReader(body),
                convert_options=csv.ConvertOptions(column_types=_TYPES, include_columns=list(_TYPES)),
            )
        except (pa.ArrowException, KeyError) as wrong:
            raise Refused(f"its answer is not a light-curve table: {wrong}") from wrong
        epochs = epochs.append_column("query", pa.array([oid] * epochs.num_rows, pa.string()))
        past = pc.fill_null(pc.less(epochs["mjd"], night.end), True)
        return epochs.filter(past).sort_by([("oid", "ascending"), ("mjd", "ascending"), ("expid", "ascending")])
