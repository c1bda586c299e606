"""`make bench-endpoint`: the endpoint beside the servers one would otherwise have; exit code 1 when a bar is missed.

All servers run at the same time and are asked in turn, round by round, so that what else the machine does hits all of
them; each ratio is of one round, and the median of the rounds is held against the bar.
"""

import statistics
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import httpx
import numpy as np
import psutil
import pyarrow as pa

from starloop.endpoint.process import Served
from tests.bench.table import Row, show
from tests.bench_endpoint import model, pages, servers
from tests.bench_endpoint.bare import bare
from tests.bench_endpoint.load import Told, load
from tests.bench_endpoint.servers import Server

ROUNDS, SECONDS, CONNECTIONS = 7, 4.0, 16
CORES = 2
BATCH, TOGETHER = 100, 4
"""Light curves in a request, and requests at once."""
STARTS = 3
MLFLOW, PLAIN, SLOWER, OBJECTS, BARE, READY_S, MB = 15.0, 0.8, 1.2, 100.0, 2.0, 10.0, 600.0


def main() -> int:
    """Print the tables; 1 when a bar is missed."""
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        folder = Path(temporary)
        model_folder, curves, features = model.made(folder)
        # All of an object's points seen: no request is cheaper than it should be.
        whole = [number for number, times in enumerate(curves["mjd"].to_pylist()) if len(times) == 2 * model.POINTS]
        curves, features = curves.take(whole), features.take(whole)
        one = features.slice(0, 1)
        starting = [servers.seconds_to_ready(folder / "starting", model_folder) for _ in range(STARTS)]
        served, ours = stack.enter_context(servers.ours(folder, model_folder, one))
        plain = stack.enter_context(servers.plain(folder, model_folder, one))
        mlflow = stack.enter_context(servers.mlflow(folder, model_folder, one))
        _same(ours, plain, mlflow)
        met = [_scoring(ours, plain, mlflow, served)]
        both, _ = stack.enter_context(servers.ours(folder, model_folder, one, workers=CORES))
        met.append(_classifying(served, both, curves))
        met.append(_process(served, starting))
    met.append(show(f"Pages in a browser, medians of {pages.TIMES} visits", pages.rows()))
    return 0 if all(met) else 1


def _same(ours: Server, plain: Server, mlflow: Server) -> None:
    """Make sure that all of them run the same trees on the same features."""
    headers = {"Content-Type": "application/json"}
    told = [
        httpx.post(one.url, content=one.body, headers=headers, timeout=60, trust_env=False).raise_for_status().json()
        for one in (ours, plain, mlflow)
    ]
    rows = [list(told[0][0]["probabilities"].values()), told[1][0], told[2]["predictions"][0]]
    if not np.allclose(rows, rows[0], atol=1e-5):
        raise AssertionError(f"the servers answer differently: {rows}")


def _scoring(ours: Server, plain: Server, mlflow: Server, served: Served) -> bool:
    behind = Server("starloop, through the proxy", f"{served.url}/score", ours.body)
    every = (ours, behind, plain, mlflow)
    for one in every:
        load(one.url, one.body, connections=CONNECTIONS, seconds=1.0)
    seen = {one: [] for one in every}
    for _ in range(ROUNDS):
        for one in every:
            seen[one].append(load(one.url, one.body, connections=CONNECTIONS, seconds=SECONDS))
    for one in every:
        print(f"{one.name}: {_line(seen[one])}")  # noqa: T201
    return show(
        f"Scoring one row of ready features: {len(ours.body) / 1000:.0f} kB of JSON, {CONNECTIONS} connections, "
        f"one worker each, medians of {ROUNDS} rounds",
        [
            Row(
                "requests/s, over mlflow models serve's",
                _ratio(seen[ours], seen[mlflow], "rate"),
                MLFLOW,
                at_least=True,
            ),
            Row("requests/s, over the plain app's", _ratio(seen[ours], seen[plain], "rate"), PLAIN, at_least=True),
            Row("p99, over the plain app's", _ratio(seen[ours], seen[plain], "p99"), SLOWER),
            Row("failed requests", sum(told.failed for one in every for told in seen[one]), 0),
        ],
    )


def _classifying(served: Served, both: Served, curves: pa.Table) -> bool:
    """Measure one worker and, for the batches, also one a core."""
    some = curves.take(np.resize(np.arange(len(curves)), BATCH))
    single, batch = (model.body(model.asked(those)) for those in (curves.slice(0, 1), some))
    seen, features = {"one": [], "both": [], "alone": []}, []
    for _ in range(ROUNDS):
        for name, where in (("one", served), ("both", both)):
            seen[name].append(load(f"{where.own_url}/classify", batch, connections=TOGETHER, seconds=SECONDS))
        features.append(bare(curves.slice(0, 1), SECONDS / 4, servers.ONE_THREAD))
        seen["alone"].append(load(f"{served.own_url}/classify", single, connections=1, seconds=SECONDS))
    rates = {name: statistics.median(BATCH * told.rate for told in seen[name]) for name in ("one", "both")}
    answer, cost = statistics.median(told.p50 for told in seen["alone"]), statistics.median(features)
    print(f"one light curve: p50 {answer:.1f} ms, its features alone {cost:.1f} ms")  # noqa: T201
    print(f"in batches of {BATCH}, one worker: {rates['one']:.0f} objects/s")  # noqa: T201
    return show(
        f"A light curve of 2 x {model.POINTS} points to probabilities, medians of {ROUNDS} rounds",
        [
            Row(f"objects/s in batches of {BATCH}, {CORES} workers", rates["both"], OBJECTS, at_least=True),
            Row(
                "p50 of one, over the bare feature time",
                statistics.median(told.p50 / alone for told, alone in zip(seen["alone"], features, strict=True)),
                BARE,
            ),
            Row("failed requests", sum(told.failed for those in seen.values() for told in those), 0),
        ],
    )


def _process(served: Served, starting: list[float]) -> bool:
    workers = [one.memory_info().rss / 2**20 for one in psutil.Process(served.pid).children()]
    return show(
        "The process",
        [
            Row(f"start to ready, median of {STARTS}", statistics.median(starting), READY_S, "s"),
            Row(f"resident memory of the largest of {len(workers)} workers, after all this", max(workers), MB, "MB"),
        ],
    )


def _ratio(ours: list[Told], others: list[Told], name: str) -> float:
    return statistics.median(getattr(a, name) / getattr(b, name) for a, b in zip(ours, others, strict=True))


def _line(seen: list[Told]) -> str:
    rate, p50, p99 = (statistics.median(getattr(one, name) for one in seen) for name in ("rate", "p50", "p99"))
    return f"{rate:.0f} requests/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms"


if __name__ == "__main__":
    sys.exit(main())
