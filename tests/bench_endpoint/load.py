"""Load in a process of its own: so many connections, each asking again as soon as it was answered.

    python -m tests.bench_endpoint.load < WORDS

A client that costs more than the server would measure itself: this one writes the same bytes again and looks only for
the end of an answer, for a few microseconds a request.
"""

import json
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

WITHIN_S = 60.0
_LENGTH = b"\r\ncontent-length:"


@dataclass(frozen=True)
class Told:
    """What a load has seen.

    Parameters
    ----------
    rate : float
        Requests a second.
    p50, p99 : float
        Milliseconds to a whole answer.
    requests : int
        That were answered.
    failed : int
        With another status than 200.
    """

    rate: float
    p50: float
    p99: float
    requests: int
    failed: int


def load(
    url: str,
    body: bytes,
    *,
    connections: int,
    seconds: float,
    headers: Mapping[str, str] | None = None,
) -> Told:
    """Ask a URL for so long, in another process.

    Parameters
    ----------
    url : str
        What is asked.
    body : bytes
        Is sent by POST each time.
    connections : int
        Requests that are under way at once.
    seconds : float
        How long.
    headers : mapping of str to str, optional
        Beside what HTTP asks for; the content is JSON unless they say otherwise.
    """
    to = urlsplit(url)
    lines = {"Host": to.netloc, "Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}
    head = f"POST {to.path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n"
    words = {"host": to.hostname, "port": to.port, "connections": connections, "seconds": seconds}
    run = subprocess.run(
        [sys.executable, "-m", "tests.bench_endpoint.load", json.dumps(words)],
        input=head.encode() + body,
        stdout=subprocess.PIPE,
        check=True,
    )
    return Told(**json.loads(run.stdout))


@dataclass
class _Connection:
    """One connection, and the answer that is arriving on it."""

    socket: socket.socket
    asked: float = 0.0
    arrived: bytearray = field(default_factory=bytearray)
    whole: int = 0

    def ask(self, request: bytes) -> None:
        self.arrived.clear()
        self.whole = 0
        self.asked = time.perf_counter()
        self.socket.sendall(request)

    def answered(self) -> bool:
        """Read what is there; tell whether the answer is whole."""
        part = self.socket.recv(262_144)
        if not part:
            raise ConnectionError("the server closed a connection in use")
        self.arrived += part
        if not self.whole:
            self.whole = _length(self.arrived)
        return bool(self.whole) and len(self.arrived) >= self.whole


def _length(arrived: bytearray) -> int:
    end = arrived.find(b"\r\n\r\n")
    if end < 0:
        return 0
    head = bytes(arrived[:end]).lower()
    place = head.find(_LENGTH)
    if place < 0:
        raise ConnectionError(f"an answer does not say how long it is: {head[:80]!r}")
    return end + 4 + int(head[place + len(_LENGTH) :].split(b"\r\n", 1)[0])


def _run(request: bytes, *, host: str, port: int, connections: int, seconds: float) -> Told:
    took: list[float] = []
    failed = 0
    with selectors.DefaultSelector() as ready:
        for _ in range(connections):
            opened = socket.create_connection((host, port), timeout=WITHIN_S)
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            ready.register(opened, selectors.EVENT_READ, _Connection(opened))
        every: Sequence[_Connection] = [key.data for key in ready.get_map().values()]
        began = time.perf_counter()
        for one in every:
            one.ask(request)
        waiting = connections
        while waiting:
            events = ready.select(WITHIN_S)
            if not events:
                raise TimeoutError(f"no answer within {WITHIN_S:.0f} s")
            for key, _ in events:
                one = key.data
                if not one.answered():
                    continue
                now = time.perf_counter()
                took.append(now - one.asked)
                failed += not one.arrived.startswith(b"HTTP/1.1 200")
                if now - began < seconds:
                    one.ask(request)
                else:
                    waiting -= 1
        spent = time.perf_counter() - began
        for one in every:
            one.socket.close()
    took.sort()
    milliseconds = [1000 * took[min(len(took) - 1, int(share * len(took)))] for share in (0.5, 0.99)]
    return Told(len(took) / spent, *milliseconds, requests=len(took), failed=failed)


if __name__ == "__main__":
    print(json.dumps(vars(_run(sys.stdin.buffer.read(), **json.loads(sys.argv[1])))))  # noqa: T201
