"""The proxy: one address, a file that says what is behind it, and nothing left over."""

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import psutil
import pytest

from starloop import processes
from starloop.endpoint import proxy
from starloop.errors import BadInput
from starloop.nights.store import Home

Serve = Callable[..., str]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    place = Home(tmp_path / "home")
    yield place
    proxy.stop(place)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a server that says its name, once a gate is open, and give its address."""
    servers: list[ThreadingHTTPServer] = []

    def start(name: str, gate: threading.Event | None = None, asked: threading.Event | None = None) -> str:
        class Says(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if asked:
                    asked.set()
                if gate:
                    gate.wait(30)
                self.send_response(200)
                self.send_header("Content-Length", str(len(name)))
                self.end_headers()
                self.wfile.write(name.encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Says))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_the_next_request_of_an_open_connection_goes_where_the_file_points(home: Home, serve: Serve) -> None:
    old, new = serve("old"), serve("new")
    proxy.point(home, old)
    front = proxy.ensure(home, 0)
    with httpx.Client(trust_env=False) as client:
        assert client.get(front.url).text == "old"
        (connection,) = client._transport._pool.connections  # type: ignore[attr-defined]
        proxy.point(home, new)
        assert client.get(front.url).text == "new"
        assert client._transport._pool.connections == [connection]  # type: ignore[attr-defined]
    assert proxy.pointed(home) == new


def test_a_request_that_is_under_way_ends_where_it_began(home: Home, serve: Serve) -> None:
    gate, asked = threading.Event(), threading.Event()
    proxy.point(home, serve("old", gate, asked))
    front = proxy.ensure(home, 0)
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(httpx.get, front.url, timeout=30, trust_env=False)
        assert asked.wait(30)
        proxy.point(home, serve("new"))
        assert httpx.get(front.url, trust_env=False).text == "new"
        gate.set()
        assert slow.result().text == "old"


def test_a_request_to_a_process_that_has_ended_waits_for_the_next_one(home: Home, serve: Serve) -> None:
    proxy.point(home, f"http://127.0.0.1:{processes.free_port()}")
    front = proxy.ensure(home, 0)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(httpx.get, front.url, timeout=30, trust_env=False)
        proxy.point(home, serve("new"))
        assert waiting.result().text == "new"


def test_a_taken_port_is_named_with_the_variable_that_moves_it(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for start in (proxy.check, proxy.ensure):
            with pytest.raises(BadInput, match=rf"port {port} .* is in use, .* set STARLOOP_PORTS__ENDPOINT"):
                start(home, port)
    assert proxy.running(home) is None


def test_a_killed_proxy_comes_back_at_the_same_address(home: Home, serve: Serve) -> None:
    proxy.point(home, serve("here"))
    first = proxy.ensure(home, 0)
    assert proxy.ensure(home, 0) == first
    os.kill(first.pid, signal.SIGKILL)
    psutil.wait_procs(first.family, timeout=10)
    assert proxy.running(home) is None
    second = proxy.ensure(home, 0)
    assert (second.url, second.pid != first.pid) == (first.url, True)
    assert httpx.get(second.url, trust_env=False).text == "here"


def test_the_proxy_moves_where_another_port_is_asked_for(home: Home, serve: Serve) -> None:
    proxy.point(home, serve("here"))
    first, port = proxy.ensure(home, 0), processes.free_port()
    second = proxy.ensure(home, port)
    assert second.url == f"http://127.0.0.1:{port}"
    assert not first.alive
    assert httpx.get(second.url, trust_env=False).text == "here"


def test_the_proxy_listens_at_its_address_only_and_ends_when_it_is_stopped(home: Home, serve: Serve) -> None:
    proxy.point(home, serve("here"))
    front = proxy.ensure(home, 0)
    listening = [one.laddr for one in psutil.Process(front.pid).net_connections() if one.status == psutil.CONN_LISTEN]
    assert [(address.ip, address.port) for address in listening] == [("127.0.0.1", proxy.port_of(front.url))]
    environment = psutil.Process(front.pid).environ()
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        assert environment[name] == str((home.endpoint / "proxy").resolve())
    proxy.stop(home)
    assert not front.alive
