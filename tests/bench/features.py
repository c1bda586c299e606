"""All features: against the period search alone, and whether memory grows with the number of objects."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from starloop.features import periods
from starloop.features.blocks import BLOCKS
from starloop.features.extract import extract
from starloop.features.night import KEYS
from starloop.features.screening import screen
from starloop.nights.calendar import Night
from starloop.pipeline import ROOT
from starloop.sky.simulator.write import make_sky
from tests.bench.processor import least
from tests.bench.table import Row, show
from tests.light_curves import lasting

OBJECTS, POINTS = 300, 100
MS, SEARCHES = 15, 3
FEW, MANY, MEMORY = 1_000, 4_000, 1.25
TIMES = 3

_STREAM = """
import json, resource, sys
from pathlib import Path
from starloop.features.extract import stream
from starloop.features.night import batches

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    objects = sum(len(features) for features in stream(batches(folder, folder / "tess")))
    print(json.dumps({"objects": objects, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
"""


def main() -> bool:
    """Time all features, then stream them from a small and a large folder of tables."""
    alerts = lasting(np.full(OBJECTS, POINTS))
    both = alerts
    for name in ("mjd", "mag", "err", "band"):
        both = both.append_column(f"release_{name}", alerts[name])
    timed = show(
        f"All features, {POINTS} points a band, processor time an object: {MS} ms or {SEARCHES} period searches",
        [_all("alerts", alerts, ""), _all("alerts and as much of a data release", both, "", "release_")],
    )
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "stream.py"
        program.write_text(_STREAM)
        few, many = (_streamed(program, Path(folder) / str(objects), objects) for objects in (FEW, MANY))
    grown = Row(f"peak memory, {many['objects']:,} objects over {few['objects']:,}", many["peak"] / few["peak"], MEMORY)
    return show(f"Features of a night of tables: {many['peak'] / 1024:.0f} MB at most", [grown]) and timed


def _all(what: str, curves: pa.Table, *prefixes: str) -> Row:
    seen = screen(curves)
    searches = [block for block in BLOCKS if block.module is periods and block.prefix in prefixes]
    whole, search = least(lambda: extract(curves), lambda: [block.values(seen, 1) for block in searches], times=TIMES)
    whole, search = 1e3 * whole / OBJECTS, 1e3 * search / OBJECTS
    ratio = f"{whole / search:.2f} times the period search's {search:.2f} ms"
    return Row(f"{what}: {ratio}", whole, max(MS, SEARCHES * search), "ms")


def _streamed(program: Path, folder: Path, objects: int) -> dict[str, float]:
    sky = make_sky(folder, objects=objects, seed=1, first=Night.parse("2018-07-01"), last=Night.parse("2021-06-30"))
    for name, key in KEYS.items():
        # As a night has them; a sky's own order is another.
        pq.write_table(sky.read(name).sort_by(key), sky.folder / f"{name}.parquet")
    words = [sys.executable, str(program), str(sky.folder)]
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    told: dict[str, float] = json.loads(done.stdout)
    return told
