"""All features: against the period search alone, and whether memory grows with the number of objects."""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from starloop.features import periods
from starloop.features.blocks import BLOCKS
from starloop.features.extract import extract
from starloop.features.night import KEYS
from starloop.features.screening import screen
from starloop.nights.calendar import Night
from starloop.nights.store import write_table
from starloop.pipeline import ROOT
from starloop.sky.simulator.write import make_sky
from tests.bench.processor import least
from tests.bench.table import Row, show
from tests.light_curves import lasting

OBJECTS, POINTS = 300, 100
MS, SEARCHES = 15, 3
NIGHT, COPIES, MEMORY = 1_000, 4, 1.25
TIMES = 3

# A new program's maximum resident size begins at its parent's; its own high-water mark is the kernel's VmHWM.
_STREAM = """
import re, sys
from pathlib import Path
from starloop.features.extract import stream
from starloop.features.night import batches

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    objects = sum(len(features) for features in stream(batches(folder, folder / "tess")))
    print(objects, re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
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
        few, many = _streamed(Path(folder))
    what = f"peak memory, {COPIES * NIGHT:,} objects over {NIGHT:,}"
    return show(f"Features of a night, streamed: {many / 1024:.0f} MB", [Row(what, many / few, MEMORY)]) and timed


def _all(what: str, curves: pa.Table, *prefixes: str) -> Row:
    seen = screen(curves)
    searches = [block for block in BLOCKS if block.module is periods and block.prefix in prefixes]
    whole, search = least(lambda: extract(curves), lambda: [block.values(seen, 1) for block in searches], times=TIMES)
    whole, search = 1e3 * whole / OBJECTS, 1e3 * search / OBJECTS
    ratio = f"{whole / search:.2f} times the period search's {search:.2f} ms"
    return Row(f"{what}: {ratio}", whole, max(MS, SEARCHES * search), "ms")


def _streamed(folder: Path) -> list[int]:
    """Compute a night, and one of its objects several times, each in a process of its own; give their peaks in KB."""
    program = folder / "stream.py"
    program.write_text(_STREAM)
    span = {"first": Night.parse("2018-07-01"), "last": Night.parse("2021-06-30")}
    sky = make_sky(folder / "sky", objects=NIGHT, seed=1, **span)
    peaks = []
    for copies in (1, COPIES):
        night = folder / str(copies)
        for name, key in KEYS.items():
            write_table(_copied(sky.read(name), key, copies), night / f"{name}.parquet")
        write_table(sky.read("tess").slice(0, 0), night / "tess.parquet")
        words = [sys.executable, str(program), str(night)]
        done = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        objects, peak = (int(word) for word in done.stdout.split())
        if objects != copies * NIGHT:
            raise RuntimeError(f"{objects} objects came out of {copies * NIGHT}")
        peaks.append(peak)
    return peaks


def _copied(rows: pa.Table, key: str, copies: int) -> pa.Table:
    """Give rows, sorted by object as a night has them, once for each of so many copies of the objects."""
    at = rows.column_names.index(key)
    renamed = [
        rows.set_column(at, key, pc.binary_join_element_wise(f"{copy}", rows[key], "")) for copy in range(copies)
    ]
    return pa.concat_tables(renamed).sort_by(key)
