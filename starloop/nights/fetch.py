"""Fetching what the archives say of a night's objects, one source after another, into the night's spool.

A source that cannot be asked does not keep the others from being asked: what came stays in the spool, and the next
run asks only for the rest.
"""

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median

import pyarrow as pa
import pyarrow.compute as pc

from starloop.archives.alerce import LISTED, Alerce, LightCurve
from starloop.archives.bts import Bts
from starloop.archives.catalogues import LISTINGS
from starloop.archives.config import Archives
from starloop.archives.irsa import Irsa
from starloop.archives.line import Line, Refused
from starloop.archives.mast import Mast
from starloop.archives.packets import Packets
from starloop.archives.rounds import Answer, each
from starloop.archives.tess import Tess
from starloop.archives.xmatch import XMatch
from starloop.errors import ArchiveDown, BadInput
from starloop.nights.calendar import Night
from starloop.nights.confirm import READ, confirm
from starloop.nights.progress import Progress, Watch
from starloop.nights.spool import Spool
from starloop.sky.tables import TABLES

TIC_BRIGHTER_THAN = 15.0
"""Median corrected magnitude under which an object is looked for in the TIC: fainter ones have no SPOC light curve."""
STARS = pa.schema([("oid", pa.string()), ("tic", pa.int64()), ("ra", pa.float64()), ("dec", pa.float64())])
_LOOKED_AT = 5
"""How many listed objects are looked at, at most, for each one of a sample: not all were seen in the night itself."""
_READINGS = 4
"""How often epochs that disagree with their recount are asked for anew."""


class Fetch:
    """One run at fetching a night.

    Parameters
    ----------
    spool : Spool
        What earlier runs of the night have fetched; this run's answers go there as well.
    archives : Archives
        Where to ask.
    night : Night
        Nothing later than its end is fetched.
    tess_files : Path
        Folder in which TESS files are kept across nights.
    progress : callable
        Told how far each source has come.
    sample : int, optional
        Stop at so many objects.

    Attributes
    ----------
    failures : dict
        By source, why keys have no answer.
    requested : dict
        By source, the keys that were asked for.
    down : list of ArchiveDown
        Archives that stopped answering.
    lines : list of Line
        The archives that were asked.
    """

    def __init__(
        self,
        spool: Spool,
        archives: Archives,
        night: Night,
        tess_files: Path,
        progress: Progress,
        sample: int | None = None,
    ) -> None:
        self.spool, self.archives, self.night = spool, archives, night
        self._tess_files, self._progress, self._sample = tess_files, progress, sample
        self.failures: dict[str, dict[str, str]] = {}
        self.requested: dict[str, list[str]] = {}
        self.down: list[ArchiveDown] = []
        self.lines: list[Line] = []
        self.short: dict[str, int] = {}

    def run(self) -> None:
        """Ask every source for what the spool does not hold yet.

        Raises
        ------
        BadInput
            When an archive does not accept a credential.
        ArchiveDown
            When it is not even known which objects are active in the night.
        """
        if self.archives.packets is None:
            self._alerts()
        else:
            self._packets(Packets(self.archives.packets))
        for source in (self._releases, self._catalogues, self._tess):
            try:
                source()
            except ArchiveDown as why:
                self.down.append(why)

    def objects(self) -> pa.Table:
        """Give the objects with a detection in the night, as far as they are fetched, without a TIC."""
        listed = self.spool.read("listed", "listed", LISTED).select(TABLES["objects"].names)
        kept = pa.array(sorted(self.spool.filled("alerts", "detections")), pa.string())
        return listed.filter(pc.is_in(listed["oid"], value_set=kept)).combine_chunks()

    def catalogue_source(self) -> str:
        """Name the spool's source of catalogue entries: those of just these objects."""
        oids = "\n".join(self.objects()["oid"].to_pylist())
        return f"catalogues {hashlib.sha256(oids.encode()).hexdigest()[:16]}"

    def _each(
        self, source: str, line: Line, keys: list[str], ask: Callable[[str], Answer], canary: Callable[[], object]
    ) -> dict[str, str]:
        return each(line, source, keys, ask, self.spool, Watch(source, line, self._progress), canary)

    def _alerts(self) -> None:
        """Fetch the light curves of the objects ALeRCE lists, and keep those with a detection in the night."""
        alerce = Alerce(self.archives)
        self.lines.append(alerce.line)
        at_most = None if self._sample is None else _LOOKED_AT * self._sample

        def listing() -> pa.Table:
            alerce.canary()
            return alerce.active(self.night, at_most)

        expected = self._listed(alerce.line.name, listing)

        def ask(oid: str) -> Answer:
            return self._seen(oid, alerce.light_curve(oid, self.night, expected[oid]))

        self.requested["alerts"], self.failures["alerts"] = [], {}
        for keys in self._wanted(sorted(expected)):
            self.requested["alerts"] += keys
            self.failures["alerts"] |= self._each("alerts", alerce.line, keys, ask, alerce.canary)
        self.short = alerce.short

    def _packets(self, packets: Packets) -> None:
        """Take the light curves of the objects with an alert packet in the night; a broken packet is a failure."""
        where = "alert packets"
        self.spool.forget("listed", where)  # a folder may have been completed since the last run
        oids = sorted(self._listed(where, lambda: packets.active(self.night)))[: self._sample]
        failures = dict(packets.failures)
        for oid in sorted(set(oids) - self.spool.known("alerts")):
            try:
                forced = {"forced": packets.forced(oid, self.night)}
                self.spool.put("alerts", oid, self._seen(oid, packets.light_curve(oid, self.night)) | forced)
            except Refused as why:
                failures[oid] = str(why)
        self.requested["alerts"] = sorted({*oids, *self.spool.known("alerts"), *packets.failures})
        self.failures["alerts"] = failures

    def _listed(self, where: str, ask: Callable[[], pa.Table]) -> dict[str, int | None]:
        """Give the listed objects, and how many detections each is said to have; asked for once a night."""
        known = self.spool.known("listed")
        if known - {where}:
            raise BadInput(
                f"{self.night} is half fetched from {min(known)}, and cannot be finished from {where}: "
                "finish it as it was begun, or delete its folder in fetching/ to begin anew"
            )
        if not known:
            self.spool.put("listed", where, {"listed": ask()})
        listed = self.spool.read("listed", "listed", LISTED)
        return dict(zip(listed["oid"].to_pylist(), listed["ndet"].to_pylist(), strict=True))

    def _seen(self, oid: str, curve: LightCurve) -> dict[str, pa.Table]:
        """Keep the light curve of an object with a detection in the night; of another, that it was looked at."""
        if not curve.seen_in(self.night):
            return {"quiet": pa.table({"oid": [oid]})}
        return {"detections": curve.detections, "non_detections": curve.non_detections}

    def _wanted(self, oids: list[str]) -> Iterator[list[str]]:
        """Give all objects at once; for a sample, as many at a time as are still wanted in the night."""
        if self._sample is None:
            yield oids
            return
        known = self.spool.known("alerts")
        yield sorted(known)
        others = [oid for oid in oids if oid not in known]
        while others and (wanted := self._sample - len(self.spool.filled("alerts", "detections"))) > 0:
            yield others[:wanted]
            others = others[wanted:]

    def _releases(self) -> None:
        """Fetch the data-release epochs at each object's position, and count them a second time."""
        place = {row["oid"]: (row["ra"], row["dec"]) for row in self.objects().to_pylist()}
        failures: dict[str, str] = {}
        self.requested[READ], self.failures[READ] = sorted(place), failures
        if set(place) <= self.spool.known(READ) and not self.spool.filled(READ, "releases"):
            return
        with Irsa(self.archives) as irsa:
            self.lines.append(irsa.line)
            irsa.log_in()
            irsa.canary()
            for _ in range(_READINGS):
                failures |= self._each(
                    READ,
                    irsa.line,
                    sorted(set(place) - set(failures)),
                    lambda oid: {"releases": irsa.epochs(oid, *place[oid], self.night)},
                    irsa.canary,
                )
                failures |= confirm(irsa, self.spool, self.night, Watch("recount", irsa.line, self._progress))
                if set(place) <= self.spool.known(READ) | set(failures):
                    break
            for oid in sorted(set(place) - self.spool.known(READ) - set(failures)):
                failures[oid] = "two readings of its epochs disagree"

    def _catalogues(self) -> None:
        """Match the objects to each catalogue: here a request is one catalogue, and the ledger tells which failed."""
        objects, source = self.objects(), self.catalogue_source()
        bts, xmatch = Bts(self.archives), XMatch(self.archives)
        self.lines += [bts.line, *xmatch.lines]
        asked: dict[str, tuple[Line, Callable[[], pa.Table]]] = {"BTS": (bts.line, partial(bts.matched, objects))}
        for listing in LISTINGS:
            asked[listing.table] = (xmatch.lines[0], partial(xmatch.matched, listing, objects))
        self.requested["catalogues"], self.failures["catalogues"] = list(asked), {}
        for done, (name, (line, ask)) in enumerate(asked.items(), start=1):
            watch = Watch("catalogues", line, self._progress)
            if name not in self.spool.known(source):
                try:
                    self.spool.put(source, name, {"catalogues": ask()} if objects.num_rows else {})
                except Refused as why:
                    self.failures["catalogues"][name] = str(why)
                except ArchiveDown as why:
                    self.failures["catalogues"][name] = str(why)
                    self.down.append(why)
            watch(done, len(asked))

    def _tess(self) -> None:
        """Find the stars of the TIC among the objects, and download the TESS light curves of each."""
        place = self._bright()
        self._forget_lost_files()
        self.requested |= {"tic": sorted(place), "tess": self._tics()}
        self.failures |= {"tic": {}, "tess": {}}
        if set(place) <= self.spool.known("tic") and set(self._tics()) <= self.spool.known("tess"):
            return
        mast = Mast(self.archives)
        self.lines.append(mast.line)
        mast.canary()
        self.failures["tic"] = self._each(
            "tic", mast.line, sorted(place), lambda oid: {"stars": mast.nearest_star(*place[oid])}, mast.canary
        )
        tess = Tess(mast, self._tess_files)
        self.requested["tess"] = self._tics()
        self.failures["tess"] = self._each(
            "tess", mast.line, self._tics(), lambda tic: {"tess": tess.light_curves(int(tic), self.night)}, tess.canary
        )

    def _forget_lost_files(self) -> None:
        """Ask again for the light curves whose files were taken away since they came."""
        for tic in sorted(self.spool.filled("tess", "tess")):
            table = self.spool.one("tess", "tess", tic)
            files = [] if table is None else zip(table["filename"].to_pylist(), table["size"].to_pylist(), strict=True)
            kept = ((self._tess_files / name, size) for name, size in files)
            if not all(file.is_file() and file.stat().st_size == size for file, size in kept):
                self.spool.forget("tess", tic)

    def _tics(self) -> list[str]:
        return sorted({str(tic) for tic in self.stars()["tic"].to_pylist()})

    def stars(self) -> pa.Table:
        """Give the TIC stars found, columns of `STARS`; only those of objects that are still in the night."""
        found = {oid: self.spool.one("tic", "stars", oid) for oid in sorted(self.spool.filled("tic", "stars"))}
        rows = [{"oid": oid} | row for oid, table in found.items() if table is not None for row in table.to_pylist()]
        return pa.Table.from_pylist(rows, schema=STARS)

    def _bright(self) -> dict[str, tuple[float, float]]:
        """Give the positions of the objects that may be in the TIC."""
        oids = bright(self.spool.read("alerts", "detections", TABLES["detections"]))
        return {row["oid"]: (row["ra"], row["dec"]) for row in self.objects().to_pylist() if row["oid"] in oids}


def bright(detections: pa.Table) -> set[str]:
    """Give the objects that may be in the TIC: bright ones with a reference source."""
    known = detections.filter(
        pc.and_(pc.fill_null(detections["corrected"], False), pc.is_valid(detections["magpsf_corr"]))
    )
    magnitudes: dict[str, list[float]] = {}
    for oid, mag in zip(known["oid"].to_pylist(), known["magpsf_corr"].to_pylist(), strict=True):
        magnitudes.setdefault(oid, []).append(mag)
    return {oid for oid, values in magnitudes.items() if median(values) < TIC_BRIGHTER_THAN}
