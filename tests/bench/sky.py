"""Making a sky: how long, and whether memory grows with the number of objects."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.table import Row, show

FEW, MANY = 10_000, 40_000

# A new program's maximum resident size begins at its parent's; its own high-water mark is the kernel's VmHWM.
_MAKE = """
import json, re, resource, sys, time
from pathlib import Path
from starloop.nights.calendar import Night
from starloop.sky.simulator.write import make_sky

if __name__ == "__main__":
    begin = time.monotonic()
    span = {"first": Night.parse("2018-07-01"), "last": Night.parse("2021-06-30")}
    make_sky(Path(sys.argv[1]), objects=int(sys.argv[2]), seed=1, workers=2, **span)
    own = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(json.dumps({"seconds": time.monotonic() - begin, "peak": max(own, workers)}))
"""


def main() -> bool:
    """Make a small and a large sky of three years, each in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "make.py"
        program.write_text(_MAKE)
        few, many = (_made(program, Path(folder) / str(objects), objects) for objects in (FEW, MANY))
    return show(
        f"Skies of three years, two workers: {FEW:,} and {MANY:,} objects",
        [
            Row(f"{FEW:,} objects", few["seconds"], 120, "s"),
            Row("time an object, many over few", many["seconds"] / few["seconds"] * FEW / MANY, 1.25),
            Row("peak memory of a process, many over few", many["peak"] / few["peak"], 1.5),
        ],
    )


def _made(program: Path, out: Path, objects: int) -> dict[str, float]:
    words = [sys.executable, str(program), str(out), str(objects)]
    told: dict[str, float] = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    return told
