"""Making a simulated sky directory."""

import json
import shutil
import tempfile
import zlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from starloop.errors import BadInput
from starloop.sky.simulator.alerts import BROKEN_SHARE, DUPLICATE_SHARE, detections, non_detections
from starloop.sky.simulator.catalogue import MISSING_SHARE, WRONG_SHARE, catalogues
from starloop.sky.simulator.census import Census, take_census
from starloop.sky.simulator.classes import KINDS, counts
from starloop.sky.simulator.gather import Found, gather
from starloop.sky.simulator.population import Reals
from starloop.sky.simulator.release import releases
from starloop.sky.simulator.scenario import Scenario
from starloop.sky.simulator.survey import (
    FIRST_NIGHT,
    LAST_NIGHT,
    Exposures,
    Weather,
    draw_weather,
    given_up,
    observe,
    turned_to_plane,
)
from starloop.sky.simulator.tess import write_light_curve
from starloop.sky.tables import OBJECTS, Sky, open_sky

FEWEST_OBJECTS = 50
_IN_TIC = 10
_PLANE_SHARE = 0.35


def make_sky(out: Path, *, objects: int, seed: int, scenario: Scenario | None = None, name: str = "simulated") -> Sky:
    """Make a sky directory of simulated observations from 2020-01-01 to 2020-06-30.

    The same arguments give the same bytes. Nothing is left behind when it fails.

    Parameters
    ----------
    out : Path
        The folder to make; it may exist when it is empty.
    objects : int
        How many objects alert; a scenario adds a third more from its night on.
    seed : int
        Not negative.
    scenario : Scenario, optional
        What changes during the sky's span.
    name : str
        The sky's name.

    Raises
    ------
    BadInput
        When `out` holds something, `objects` or `seed` is too small, or the scenario begins outside the span.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadInput(f"{out} is not empty: name a new folder for the simulated sky")
    if objects < FEWEST_OBJECTS or seed < 0:
        raise BadInput(
            f"a sky of {objects} objects from seed {seed} cannot be made: "
            f"ask for at least {FEWEST_OBJECTS} objects and a seed of 0 or more"
        )
    if scenario and not FIRST_NIGHT < scenario.night <= LAST_NIGHT:
        raise BadInput(f"scenario {scenario} is outside the sky: choose a night after {FIRST_NIGHT} up to {LAST_NIGHT}")
    out.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        _write(building, objects, seed, scenario, name)
        building.chmod(0o755)
        try:
            building.rename(out)
        except OSError:
            raise BadInput(f"{out} was filled while its sky was being made: use it, or name a new folder") from None
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return open_sky(out)


def _stream(seed: int, purpose: str) -> np.random.Generator:
    """Give each purpose its own random numbers, so that a change to one leaves the others as they were."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())])


def _write(folder: Path, objects: int, seed: int, scenario: Scenario | None, name: str) -> None:
    weather = draw_weather(_stream(seed, "weather"))
    exposures = observe(_stream(seed, "survey"), weather)
    found = [
        part
        for kind, number in counts(objects, {kind: facts.share for kind, facts in KINDS.items()}).items()
        for part in gather(_stream(seed, kind), KINDS[kind], number, exposures)
    ]
    if scenario:
        found = _changed(scenario, seed, objects, weather, exposures, found)
    census = take_census(found).alerting()
    tables = {
        "detections": detections(_stream(seed, "alerts"), census),
        "non_detections": non_detections(census),
        "releases": releases(_stream(seed, "releases"), census),
        "catalogues": catalogues(_stream(seed, "catalogues"), census),
    }
    rng = _stream(seed, "tess")
    tic = _tic_numbers(rng, census)
    star = _tess_target(census, tic)
    (folder / "tess").mkdir()
    tables["tess"] = write_light_curve(
        rng,
        found[census.found[star]].objects,
        int(census.member[star]),
        (float(census.ra[star]), float(census.dec[star])),
        tic[star],
        folder / "tess",
    )
    tables["objects"] = _objects(census, tic)
    for table, rows in tables.items():
        pq.write_table(rows, folder / f"{table}.parquet", compression="zstd")
    facts = {
        "name": name,
        "origin": "simulated",
        "first_mjd": float(census.measured.mjd.min()),
        "last_mjd": float(census.measured.mjd.max()),
        "seed": seed,
        "objects": objects,
        "scenario": str(scenario) if scenario else None,
        "notes": [
            f"catalogues miss {MISSING_SHARE:.0%} of the objects and give {WRONG_SHARE:.0%} of their stars and "
            "supernovae a wrong type",
            f"{DUPLICATE_SHARE:.1%} of the detections come twice; {BROKEN_SHARE:.1%} have magpsf = 100 or sigmapsf = 0",
        ],
    }
    (folder / "sky.json").write_text(json.dumps(facts, indent=1) + "\n")


def _changed(
    scenario: Scenario, seed: int, objects: int, weather: Weather, exposures: Exposures, found: list[Found]
) -> list[Found]:
    """Turn the survey to the plane: give up most ordinary exposures, and find the plane's stars in the added ones."""
    lost = given_up(scenario, _stream(seed, "given up"), exposures)
    added = turned_to_plane(scenario, _stream(seed, "plane survey"), weather)
    again = _stream(seed, "plane again")
    found = [part.without(lost).measure_again(again, added) for part in found]
    shares = {kind: facts.plane_share for kind, facts in KINDS.items() if facts.plane_share > 0}
    for kind, number in counts(round(objects * _PLANE_SHARE), shares).items():
        found += gather(_stream(seed, f"plane {kind}"), KINDS[kind], number, added, in_plane=True)
    return found


def _brightness(census: Census) -> Reals:
    """Give each object's mean reference flux over its exposures; zero for those not in the reference images."""
    summed = np.bincount(census.measured.which, census.measured.reference, len(census))
    return summed / np.bincount(census.measured.which, minlength=len(census))


def _tic_numbers(rng: np.random.Generator, census: Census) -> dict[int, int]:
    """Give the brightest RR Lyrae and eclipsing stars numbers of the TESS Input Catalogue."""
    short = np.isin(census.type, ["RRAB", "EA", "EW"]) & (census.dec > 0)
    brightest = np.argsort(np.where(short, -_brightness(census), np.inf), kind="stable")[:_IN_TIC]
    numbers = 100_000_000 + np.cumsum(rng.integers(1, 30_000_000, _IN_TIC))
    return dict(zip(brightest.tolist(), numbers.tolist(), strict=True))


def _tess_target(census: Census, tic: dict[int, int]) -> int:
    """Choose the star with a light curve: an RR Lyrae when one has a number, and then the brightest."""
    brightness = _brightness(census)
    return max(tic, key=lambda row: (census.type[row] == "RRAB", brightness[row]))


def _objects(census: Census, tic: dict[int, int]) -> pa.Table:
    order = np.argsort(census.oid.astype(str), kind="stable")
    numbers = [tic.get(row) for row in order.tolist()]
    return pa.table([census.oid[order], census.ra[order], census.dec[order], numbers], schema=OBJECTS)
