"""Good and bad requests, mixed, for a long time: what is answered, and whether a process grows."""

import gzip
import json
import socket
import statistics
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np

from starloop.endpoint.arrow import ARROW
from tests.fuzz.asking import WITHIN_S, refusal
from tests.fuzz.bodies import JSON, Body
from tests.fuzz.hopeless import hopeless
from tests.fuzz.scene import Scene
from tests.fuzz.tables import stream

ASKERS = 3
"""At once; more than the machine has cores to spare, so that requests meet."""
WARM, LAST = 0.15, 0.1
"""Shares of the time: memory is compared after the first and in the last."""
_LOOK_S = 1.0
_PAGES = ("/", "/tonight", "/model", "/v1/model", "/openapi.json", "/metrics", "/readyz", "/healthz")
_BROKEN = 500
"""Bodies that cannot be right, sent again and again."""


@dataclass
class Seen:
    """What a soak has seen.

    Parameters
    ----------
    statuses : Counter
        Of the answers, 0 for none; by what was asked.
    wrong : list of str
        What should have been answered otherwise.
    memory : dict of str to list of float
        Of every process, MB, from the beginning to the end.
    """

    statuses: "dict[str, Counter[int]]" = field(default_factory=lambda: defaultdict(Counter))
    wrong: list[str] = field(default_factory=list)
    memory: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @property
    def asked(self) -> int:
        """How many requests there were."""
        return sum(one.total() for one in self.statuses.values())

    @property
    def failures(self) -> int:
        """Answers of 500 and more, and requests without one."""
        every = (item for one in self.statuses.values() for item in one.items())
        return sum(number for status, number in every if status == 0 or status >= 500)

    def growth(self) -> dict[str, float]:
        """Give by how much of itself each process has grown since it was warm."""
        return {name: _growth(values) for name, values in sorted(self.memory.items())}


def _growth(values: list[float]) -> float:
    number = max(1, int(LAST * len(values)))
    warm = int(WARM * len(values))
    return statistics.median(values[-number:]) / statistics.median(values[warm : warm + number]) - 1


def soak(scene: Scene, minutes: float, seed: int) -> Seen:
    """Ask for so many minutes."""
    seen = Seen()
    until = time.monotonic() + 60 * minutes
    broken = list(hopeless(seed, _BROKEN, scene.curves, scene.score))
    with ThreadPoolExecutor(ASKERS) as pool:
        askers = [pool.submit(_ask, scene, broken, until, [seed, number], seen) for number in range(ASKERS)]
        while time.monotonic() < until:
            for name, megabytes in scene.memory().items():
                seen.memory[name].append(megabytes)
            time.sleep(_LOOK_S)
        for one in askers:
            one.result()
    return seen


def _ask(scene: Scene, broken: list[Body], until: float, seed: list[int], seen: Seen) -> None:
    rng = np.random.default_rng(seed)
    good = _good(scene)
    with httpx.Client(base_url=scene.url, timeout=WITHIN_S, trust_env=False) as client:
        while time.monotonic() < until:
            kind = str(rng.choice(["good", "bad", "page", "nowhere", "left"], p=[0.45, 0.35, 0.1, 0.05, 0.05]))
            try:
                if kind == "left":
                    _leave(scene.url, good[0], rng)
                    continue
                reply = _request(client, kind, good, broken, rng)
            except httpx.TransportError as failure:
                seen.statuses[kind][0] += 1
                seen.wrong.append(f"{kind}: {failure!r}")
                continue
            seen.statuses[kind][reply.status_code] += 1
            wrong = refusal(reply) if kind == "bad" else _unexpected(reply, 404 if kind == "nowhere" else 200)
            if wrong:
                seen.wrong.append(f"{kind} {reply.request.url.path}: {wrong}")


def _request(
    client: httpx.Client, kind: str, good: list[Body], broken: list[Body], rng: np.random.Generator
) -> httpx.Response:
    if kind == "page":
        return client.get(_PAGES[int(rng.integers(len(_PAGES)))])
    if kind == "nowhere":
        return client.get(f"/nowhere/{rng.integers(2**40)}")
    some = good if kind == "good" else broken
    body = some[int(rng.integers(len(some)))]
    return client.post(body.path, content=body.content, headers=body.headers)


def _unexpected(reply: httpx.Response, status: int) -> str | None:
    return None if reply.status_code == status else f"{reply.status_code}, not {status}: {reply.text[:300]}"


def _good(scene: Scene) -> list[Body]:
    one, score = (json.dumps(told).encode() for told in (scene.curves[:1], scene.score))
    many: list[dict[str, Any]] = scene.curves * 10
    packed = {"Content-Type": JSON, "Content-Encoding": "gzip", "Accept-Encoding": "gzip"}
    return [
        Body("", "/classify", one),
        Body("", "/score", score),
        Body("", "/score", score),
        Body("", "/score", score),
        Body("", "/classify", gzip.compress(json.dumps(many).encode()), packed),
        Body("", "/classify", stream(many), {"Content-Type": ARROW}),
    ]


def _leave(url: str, body: Body, rng: np.random.Generator) -> None:
    """Begin a request, and go before it is whole or before it is answered."""
    to = urlsplit(url)
    head = f"POST {body.path} HTTP/1.1\r\nHost: {to.netloc}\r\nContent-Type: {JSON}\r\n"
    head += f"Content-Length: {len(body.content)}\r\n\r\n"
    with socket.create_connection((to.hostname, to.port or 80), timeout=WITHIN_S) as opened:
        opened.sendall(head.encode() + body.content[: int(rng.integers(len(body.content) + 1))])
