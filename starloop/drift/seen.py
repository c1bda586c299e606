"""What the drift check sees of one night, and what it measures of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa

What = Literal[
    "cadence", "depth", "calibration", "release", "flags", "missing", "volume", "features", "classes", "performance"
]


@dataclass(frozen=True)
class Seen:
    """One night as it was scored.

    Parameters
    ----------
    night : str
        ``YYYY-MM-DD``.
    features : pa.Table
        ``oid`` and the features of the objects that were active in the night.
    predictions : pa.Table
        ``oid``, ``decision`` and ``confidence``, the highest probability, of the same objects.
    tables : dict of str to pa.Table
        The night's good rows, as `starloop.nights.store` keeps them: ``detections``, ``non_detections`` and
        ``releases`` hold the whole light curves of the active objects, and so their own past.
    quarantined : mapping of str to float
        Share of each table's rows that failed a check; empty where there is no ledger.
    labelled : pa.Table or None
        ``truth`` and ``answer`` (classes of the champion) of the objects whose label came after its training.
    """

    night: str
    features: pa.Table
    predictions: pa.Table
    tables: dict[str, pa.Table]
    quarantined: Mapping[str, float] = field(default_factory=dict)
    labelled: pa.Table | None = None


@dataclass(frozen=True)
class Measure:
    """One number about a night.

    Parameters
    ----------
    name : str
        What was measured.
    group : str
        Of what: an archive and band, an archive's column, a block of features, a class.
    what : str
        What has changed when it is large.
    value : float or None
        0 where nothing changed; None where there are too few objects.
    noise : float
        How far chance alone moves it in a sample of this size (one standard error, in its own unit).
    objects : int
        The sample.
    archive, band : str or None
        Which one, where it is about one.
    """

    name: str
    group: str
    what: What
    value: float | None
    noise: float
    objects: int
    archive: str | None = None
    band: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON values."""
        return {
            "name": self.name,
            "group": self.group,
            "what": self.what,
            "archive": self.archive,
            "band": self.band,
            "value": None if self.value is None else round(self.value, 6),
            "noise": round(self.noise, 6),
            "objects": self.objects,
        }
