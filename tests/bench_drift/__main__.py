"""`make bench-drift`: does the drift check call every change of a simulated sky what it is, and keep still otherwise?

With `calibrate` it writes thresholds.toml from other seeds' nights without a change instead.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from starloop.drift import thresholds
from starloop.drift.params import DriftParams
from starloop.pipeline import ROOT
from tests.bench.table import Row, show
from tests.bench_drift import champion
from tests.bench_drift.calibration import FALSE_ALARMS, calibrate, separation, written
from tests.bench_drift.judging import outcomes, quiet
from tests.bench_drift.report import page, put, rows
from tests.bench_drift.running import Measured, run

SEEDS, OTHERS = range(20), range(100, 120)
CHANGED = 4
"""So many of the other seeds also show what each change does to the measures."""
CALIBRATION_NIGHTS = 15
MINUTES = 30
PAGE, KEPT = ROOT / "docs" / "drift.md", ROOT / "build" / "bench-drift"
COMMAND = "python -m tests.bench_drift calibrate"


def bars() -> bool:
    """Judge twenty seeds under every change, and without one."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        measured = run(SEEDS, champion.train(Path(folder) / "champion"))
    _keep("bars", measured)
    params = DriftParams()
    said = [outcome for seed, nights in measured.items() for outcome in outcomes(seed, nights, params)]
    still = [verdict for nights in measured.values() for verdict in quiet(nights, params)]
    put(PAGE, "bench", page(said, still))
    spent = Row("the bench itself", (time.monotonic() - began) / 60, MINUTES, "min")
    return show(f"The drift check on {len(SEEDS)} skies of each kind", [*rows(said, still), spent])


def calibration() -> bool:
    """Measure ordinary nights of other seeds and write the ranges outside of which a measure has moved."""
    params = DriftParams()
    with tempfile.TemporaryDirectory() as folder:
        model = champion.train(Path(folder) / "champion")
        changed = run(OTHERS[:CHANGED], model, quiet=CALIBRATION_NIGHTS)
        measured = {**changed, **run(OTHERS[CHANGED:], model, (), CALIBRATION_NIGHTS)}
    _keep("calibration", measured)
    found = calibrate(measured, params)
    thresholds.TABLE.write_text(written(found, COMMAND), encoding="utf-8")
    put(PAGE, "measures", separation(changed, found.table, params))
    told = (
        f"Margin {found.margin:g}. Of {found.nights} ordinary nights of {len(OTHERS)} skies, each judged by the ranges "
        f"of the other skies, {found.alarms} alarmed ({found.alarms / found.nights:.1%}; sought: at most "
        f"{FALSE_ALARMS:.1%}).\n"
    )
    put(PAGE, "calibration", told)
    Console().print(f"{thresholds.TABLE} is written. {told}")
    return found.alarms <= FALSE_ALARMS * found.nights


def _keep(name: str, measured: dict[int, Measured]) -> None:
    """Keep the measures for whoever wants to look at them."""
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{name}.json").write_text(json.dumps(measured))


if __name__ == "__main__":
    work = {(): bars, ("calibrate",): calibration}.get(tuple(sys.argv[1:]))
    if work is None:
        sys.exit(f"usage: python -m tests.bench_drift [calibrate], not {' '.join(sys.argv[1:])}")
    sys.exit(0 if work() else 1)
