"""Making a simulated sky directory."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from starloop.errors import BadInput
from starloop.nights.calendar import Night
from starloop.sky.simulator import catalogue
from starloop.sky.simulator.crew import make_units
from starloop.sky.simulator.kinds import KINDS
from starloop.sky.simulator.observed import Tables
from starloop.sky.simulator.plan import Unit, make_plan
from starloop.sky.simulator.scenario import Scenario
from starloop.sky.simulator.spec import Spec
from starloop.sky.simulator.targets import SHORT_PERIOD, Wish
from starloop.sky.simulator.unit import make_unit
from starloop.sky.simulator.world import world_of
from starloop.sky.simulator.writers import Writers, room_for
from starloop.sky.survey.alerts import BROKEN_SHARE, DUPLICATE_SHARE
from starloop.sky.tables import Sky, open_sky

FIRST_NIGHT, LAST_NIGHT = Night.parse("2020-01-01"), Night.parse("2020-06-30")

Progress = Callable[[int, int], None]


def make_sky(
    out: Path,
    *,
    objects: int,
    seed: int,
    first: Night = FIRST_NIGHT,
    last: Night = LAST_NIGHT,
    scenarios: Iterable[Scenario] = (),
    kinds: Iterable[str] | None = None,
    name: str = "simulated",
    tess: int = 1,
    workers: int = 2,
    progress: Progress | None = None,
) -> Sky:
    """Make a sky directory of simulated observations.

    The same arguments give the same bytes, whatever `workers` is. Nothing is left behind when it fails. Memory does
    not grow with the number of objects.

    Parameters
    ----------
    out : Path
        The folder to make; it may exist when it is empty.
    objects : int
        How many objects the sky has; some scenarios add more from their night on.
    seed : int
        Not negative.
    first, last : Night
        Its span, both included.
    scenarios : iterable of Scenario
        What changes during the span, one or several together.
    kinds : iterable of str, optional
        The classes, out of `KINDS`; None is all.
    name : str
        The sky's name.
    tess : int
        How many TESS light curves are made, as far as TESS saw enough stars.
    workers : int
        How many processes, at most.
    progress : callable, optional
        Told how many objects are made, and of how many.

    Raises
    ------
    BadInput
        When `out` holds something, or the sky asked for cannot be.
    StarloopError
        When the disk is full, or a class does not alert within the span.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadInput(f"{out} is not empty: name a new folder for the simulated sky")
    if workers < 1:
        raise BadInput(f"{workers} processes cannot make a sky: ask for at least one")
    order = tuple(sorted(scenarios, key=lambda scenario: (scenario.night, scenario.kind)))
    chosen = tuple(KINDS) if kinds is None else tuple(kinds)
    spec = Spec(objects, seed, first, last, order, chosen, tess)
    with room_for(out):
        building = _beside(out)
        try:
            _write(building, spec, name, workers, progress or (lambda done, of: None))
            building.chmod(0o755)
            _move(building, out)
        finally:
            shutil.rmtree(building, ignore_errors=True)
    return open_sky(out)


def _beside(out: Path) -> Path:
    """Make a temporary folder on the same disk."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except (PermissionError, FileExistsError, NotADirectoryError) as wrong:
        raise BadInput(f"{out} cannot be made ({wrong.strerror}): name a folder you may write") from None


def _move(building: Path, out: Path) -> None:
    try:
        building.rename(out)
    except OSError:
        raise BadInput(f"{out} was filled while its sky was being made: use it, or name a new folder") from None


def _write(folder: Path, spec: Spec, name: str, workers: int, progress: Progress) -> None:
    plan = make_plan(spec)
    whole = sum(unit.n for unit in plan)
    (folder / "tess").mkdir()
    with Writers(folder) as writers:
        first, rest = _with_light_curves(folder, spec, plan)
        for tables in first:
            writers.add(tables)
        made = whole - sum(unit.n for unit in rest)
        progress(made, whole)
        for unit, tables in zip(rest, make_units(spec, rest, workers), strict=True):
            writers.add(tables)
            made += unit.n
            progress(made, whole)
    facts = {
        "name": name,
        "origin": "simulated",
        "first_mjd": writers.first_mjd,
        "last_mjd": writers.last_mjd,
        "seed": spec.seed,
        "objects": spec.objects,
        "scenarios": [
            {"kind": scenario.kind, "night": str(scenario.night), "answer": scenario.answer}
            for scenario in spec.scenarios
        ],
        "notes": notes(),
    }
    (folder / "sky.json").write_text(json.dumps(facts, indent=1) + "\n")


def _with_light_curves(folder: Path, spec: Spec, plan: list[Unit]) -> tuple[list[Tables], list[Unit]]:
    """Make units of short-period stars until TESS has its light curves; give their rows, and the other units.

    A unit does not know what TESS saw of another, so these are made one after the other.
    """
    order = {kind: place for place, kind in enumerate(SHORT_PERIOD)}
    short = [unit for unit in plan if unit.kind in order and unit.number == 0 and unit.because is None]
    short.sort(key=lambda unit: order[unit.kind])
    tables: list[Tables] = []
    missing = spec.tess
    while short and missing > 0:
        # Evenly over the classes that are left.
        wish = Wish(-(-missing // len(short)), folder / "tess")
        unit = short.pop(0)
        plan = [other for other in plan if other != unit]
        tables.append(make_unit(world_of(spec), unit, wish))
        missing -= len(tables[-1]["tess"])
    return tables, plan


def notes() -> list[str]:
    """Say how often catalogues and alerts are wrong."""
    return [
        f"catalogues miss {catalogue.MISSING_SHARE:.0%} of the objects, give {catalogue.WRONG_SHARE:.0%} of them a "
        f"wrong type and {catalogue.HARMONIC_SHARE:.0%} of the periods as half or twice the true one",
        f"{catalogue.PERIODIC} lists {catalogue.PERIODIC_SHARE:.0%} of the periodic stars once more, "
        f"{catalogue.PERIODIC_WRONG_SHARE:.0%} of them with a wrong type, so that some objects have two types",
        f"{DUPLICATE_SHARE:.1%} of the detections come twice; {BROKEN_SHARE:.1%} have magpsf = 100 or sigmapsf = 0",
    ]
