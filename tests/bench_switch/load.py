"""Load in a process of its own: requests at a fixed rate, whether or not earlier ones have been answered.

    python -m tests.bench_switch.load URL RATE FILE

asks until its input is closed, and then writes one line a request to the file: when it was due (seconds since 1970),
how long after that it was answered (seconds), the status (0 when the connection failed), the version that answered,
and what went wrong.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from starloop.endpoint import smoke
from starloop.endpoint.prediction_log import SMOKE

WITHIN_S = 30.0


@contextmanager
def load(url: str, rate: float, file: Path) -> Iterator[None]:
    """Run the load meanwhile; afterwards the file is whole."""
    command = [sys.executable, "-m", "tests.bench_switch.load", url, str(rate), str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield
    assert process.returncode == 0, f"the load ended with {process.returncode}"


def read(file: Path) -> list[dict[str, Any]]:
    """Read what a load has seen, in the order the requests were due."""
    return sorted((json.loads(line) for line in file.read_text().splitlines()), key=lambda one: one["due"])


async def _run(url: str, rate: float, file: Path) -> None:
    bodies = [json.dumps([curve | {"id": curve["id"].removeprefix(SMOKE)}]) for curve in smoke.known()]
    stopped = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    asked: list[asyncio.Task[dict[str, Any]]] = []
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=20, keepalive_expiry=60)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=WITHIN_S, trust_env=False) as client:
        begins = time.time()
        while not stopped.done():
            due = begins + len(asked) / rate
            await asyncio.sleep(max(0.0, due - time.time()))
            asked.append(asyncio.create_task(_ask(client, bodies[len(asked) % len(bodies)], due)))
            if len(asked) == 1:
                await asked[0]
                print("running", flush=True)  # noqa: T201
        told = await asyncio.gather(*asked)
    file.write_text("".join(json.dumps(one) + "\n" for one in told))


async def _ask(client: httpx.AsyncClient, body: str, due: float) -> dict[str, Any]:
    status, version, wrong = 0, None, ""
    try:
        reply = await client.post("/classify", content=body, headers={"Content-Type": "application/json"})
        status = reply.status_code
        if reply.is_success:
            version = reply.json()[0]["model_version"]
        else:
            wrong = reply.text
    except httpx.TransportError as failure:
        wrong = repr(failure)
    return {"due": due, "seconds": time.time() - due, "status": status, "version": version, "wrong": wrong}


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1], float(sys.argv[2]), Path(sys.argv[3])))
