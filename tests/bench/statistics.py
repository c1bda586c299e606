"""Statistics of light curves: against other extractors, and against the bare one they are made with."""

import json
import os
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from starloop.features import statistics
from starloop.features.screening import Band, screen
from starloop.pipeline import ROOT
from tests.bench.processor import least
from tests.bench.table import Row, show
from tests.light_curves import lasting

OBJECTS = 900
FEWEST, USUAL, MOST, SPREAD = 20, 85, 300, 0.6
"""Points a band: log-normal, cut."""
CESIUM, FEETS, BARE = 100, 200, 0.9
TIMES = 20

_PEERS = Path(__file__).with_name("peers.txt")


def main() -> bool:
    """Compute the statistics of the same light curves with all of them."""
    points = np.random.default_rng(1).lognormal(np.log(USUAL), SPREAD, OBJECTS).clip(FEWEST, MOST).astype(np.int64)
    bands = list(screen(lasting(points)).alert.values())
    extractor, arrays = statistics._extractor(), [_arrow(band) for band in bands]
    settings = {"arrow_fields": statistics._FIELDS, "fill_value": np.nan, "sorted": True, "n_jobs": 1}
    ours, bare = least(
        lambda: [statistics.statistics(band, n_jobs=1) for band in bands],
        lambda: [extractor.many(array, **settings) for array in arrays],
        times=TIMES,
    )
    with tempfile.TemporaryDirectory() as folder:
        curves = Path(folder) / "curves.npz"
        _write(bands, curves)
        rows = [
            Row("rate, over that of light-curve's Extractor on the same arrays", bare / ours, BARE, at_least=True),
            _against("cesium", CESIUM, curves, ours),
            _against("cesium without its period", CESIUM, curves, ours),
            _against("feets", FEETS, curves, ours),
        ]
    mean = sum(len(band.points.time) for band in bands) / (OBJECTS * len(bands))
    return show(
        f"{len(statistics.NAMES)} statistics in each of two bands of {mean:.0f} points: "
        f"{1e6 * ours / OBJECTS:.0f} µs of processor time an object",
        rows,
    )


def _arrow(band: Band) -> pa.ListArray:
    columns = [pa.array(values) for values in (band.points.time, band.points.mag, band.points.err)]
    points = pa.StructArray.from_arrays(columns, ["time", "mag", "err"])
    return pa.ListArray.from_arrays(pa.array(band.offsets), points)


def _write(bands: list[Band], file: Path) -> None:
    """Write what `peers.py` reads."""
    before = np.cumsum([0, *(len(band.points.time) for band in bands)])
    bounds = [band.offsets + first for band, first in zip(bands, before[:-1], strict=True)]
    np.savez(
        file,
        start=np.concatenate([bound[:-1] for bound in bounds]),
        end=np.concatenate([bound[1:] for bound in bounds]),
        **{name: np.concatenate([getattr(band.points, name) for band in bands]) for name in ("time", "mag", "err")},
    )


def _against(peer: str, bar: float, curves: Path, ours: float) -> Row:
    told = _run(peer, curves)
    cost = 1e3 * told["seconds"] / OBJECTS
    what = f"{peer}, {len(told['features'])} features a band, {cost:.1f} ms an object: times our cost"
    return Row(what, told["seconds"] / ours, bar, at_least=True)


def _run(peer: str, curves: Path) -> dict[str, Any]:
    """Run a peer in the environment of `peers.txt`, which is made when it is not there."""
    home = ROOT / "build" / f"peers-{sha256(_PEERS.read_bytes()).hexdigest()[:12]}"
    python, uv = home / "bin" / "python", Path(sys.executable).with_name("uv")
    if not (home / "ready").exists():
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, home], check=True)
        subprocess.run([uv, "pip", "sync", "--quiet", "--python", python, "--require-hashes", _PEERS], check=True)
        (home / "ready").touch()
    words = [python, _PEERS.with_suffix(".py"), peer, curves]
    one_thread = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    told: dict[str, Any] = json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE, env=one_thread).stdout)
    return told
