"""Features alone, in a process of their own: what a light curve costs without a server around it.

    python -m tests.bench_endpoint.bare SECONDS < CURVES

reads light curves as an Arrow stream, computes the features of each alone, again and again for so long, and prints the
median in milliseconds.
"""

import os
import statistics
import subprocess
import sys
import time

import pyarrow as pa

from starloop.features.extract import extract


def bare(curves: pa.Table, seconds: float, environment: dict[str, str]) -> float:
    """Time the features of one light curve, in another process; milliseconds."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, curves.schema) as stream:
        stream.write_table(curves)
    words = [sys.executable, "-m", "tests.bench_endpoint.bare", str(seconds)]
    told = sink.getvalue().to_pybytes()
    run = subprocess.run(words, input=told, stdout=subprocess.PIPE, check=True, env=os.environ | environment)
    return float(run.stdout)


def _run(curves: pa.Table, seconds: float) -> float:
    each = [curves.slice(number, 1) for number in range(len(curves))]
    for one in each:
        extract(one)
    took = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        for one in each:
            began = time.perf_counter()
            extract(one)
            took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took)


if __name__ == "__main__":
    with pa.ipc.open_stream(sys.stdin.buffer) as told:
        print(_run(told.read_all(), float(sys.argv[1])))  # noqa: T201
