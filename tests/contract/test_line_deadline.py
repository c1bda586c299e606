"""Whatever an archive does to a request, it ends at its deadline, and nothing of it is left behind."""

import datetime as dt
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from starloop.archives import line
from starloop.archives.config import ArchiveSettings
from starloop.archives.line import Exhausted, Line
from tests.contract.scripted import BINDINGS, TRICKLE_S, Bind, Scripted, mounted, scripted

DEADLINE_S = 0.8
LATE_S = 3.0
"""How late a machine with other work may notice that a request was given up."""
GONE_S = 0.5
"""So soon after the deadline a request's thread and connection are gone."""


@pytest.fixture(params=BINDINGS)
def bind(request: pytest.FixtureRequest) -> Bind:
    """Put a line under a client of each library."""
    return BINDINGS[request.param]


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as running:
        yield running


@pytest.fixture(autouse=True)
def once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try each request a single time."""
    monkeypatch.setattr(line, "TRIES", 1)


def _line(url: str, name: str) -> Line:
    return Line(name, ArchiveSettings(url=url, rate_per_s=None, connections=1, deadline_s=DEADLINE_S), "TESTED")


def _seconds_until_given_up(ask: Callable[[], object]) -> float:
    began = time.monotonic()
    with pytest.raises(Exhausted):
        ask()
    return time.monotonic() - began


def _wait_until(true: Callable[[], bool]) -> bool:
    ends = time.monotonic() + GONE_S
    while not true() and time.monotonic() < ends:
        time.sleep(0.01)
    return true()


def _working(name: str) -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == name]


@pytest.mark.parametrize("hang", ["silent", "stalled-body", "trickling-headers", "trickling-body"])
def test_a_request_that_hangs_ends_at_the_deadline_with_its_thread_and_connection(hang, bind, server):
    to = _line(server.url, f"{hang} archive")
    client = bind(to)
    client.get(f"{server.url}/ok")
    taken = _seconds_until_given_up(lambda: client.get(f"{server.url}/{hang}"))
    assert DEADLINE_S - TRICKLE_S <= taken <= DEADLINE_S + LATE_S
    assert _wait_until(lambda: not _working(to.name))
    assert server.left.wait(GONE_S)
    began = time.monotonic()
    assert client.get(f"{server.url}/ok").content == b"whole"
    assert time.monotonic() - began < GONE_S


def test_a_server_that_takes_no_connection_is_given_up_at_the_deadline(bind):
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening:
        address = listening.getsockname()
        filling = [socket.socket() for _ in range(3)]
        for one in filling:
            one.setblocking(False)
            with suppress(BlockingIOError):
                one.connect(address)
        to = _line(f"http://{address[0]}:{address[1]}", "black hole")
        client = bind(to)
        taken = _seconds_until_given_up(lambda: client.get(to.settings.url))
        assert taken <= DEADLINE_S + LATE_S
        assert _wait_until(lambda: not _working(to.name))
        for one in filling:
            one.close()


def test_a_request_is_not_sent_when_it_was_given_up_while_it_connected(server, monkeypatch):
    connect = socket.socket.connect

    def slowly(self, address):
        time.sleep(DEADLINE_S + 0.3)
        connect(self, address)

    to = _line(server.url, "slow to connect")
    client = mounted(to)
    monkeypatch.setattr(socket.socket, "connect", slowly)
    assert _seconds_until_given_up(lambda: client.get(f"{server.url}/ok")) <= DEADLINE_S + LATE_S
    assert _wait_until(lambda: not _working(to.name))
    assert server.asked == []


def test_a_name_whose_resolution_hangs_holds_no_connection_back(server, monkeypatch):
    resolve, told = socket.getaddrinfo, threading.Event()

    def hanging(host, *args, **kwargs):
        if host == "slow.invalid":
            told.wait(10)
        return resolve(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    to = _line("http://slow.invalid", "slow name")
    client = mounted(to)
    assert _seconds_until_given_up(lambda: client.get("http://slow.invalid/ok")) <= DEADLINE_S + LATE_S
    assert client.get(f"{server.url}/ok").content == b"whole"
    told.set()
    assert _wait_until(lambda: not _working(to.name))


def test_a_trickle_over_a_secure_connection_ends_at_the_deadline(bind, tmp_path, monkeypatch):
    certificate, key = _certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    left = threading.Event()

    def trickle(listening):
        with listening.accept()[0] as plain, context.wrap_socket(plain, server_side=True) as secure:
            secure.recv(4096)
            with suppress(OSError):
                secure.sendall(b"HTTP/1.1 200 OK\r\nx-long: ")
                while True:
                    secure.sendall(b"a")
                    time.sleep(TRICKLE_S)
        left.set()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=trickle, args=(listening,), daemon=True).start()
        to = _line(f"https://localhost:{listening.getsockname()[1]}", "secure archive")
        client = bind(to)
        taken = _seconds_until_given_up(lambda: client.get(to.settings.url))
        assert DEADLINE_S <= taken <= DEADLINE_S + LATE_S
        assert _wait_until(lambda: not _working(to.name))
        assert left.wait(GONE_S)


def _certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate of localhost that signs itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths
