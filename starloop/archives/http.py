"""What the clients' HTTP libraries send through a line: requests for the clients that exist, httpx for the rest."""

import re
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import IncompleteRead
from typing import Any

import httpx
import requests
import urllib3
from requests import exceptions
from requests.adapters import HTTPAdapter
from urllib3 import exceptions as broken
from urllib3.connectionpool import HTTPConnectionPool

from starloop.archives.connections import cuttable, prepared
from starloop.archives.line import Banned, Line, Missing, Refused, Unavailable

_CONNECT_S = 10.0
_REDIRECTS = 5
_SAID = {
    broken.NameResolutionError: "its name cannot be resolved",
    broken.NewConnectionError: "it takes no connection",
    broken.ConnectTimeoutError: "connecting took too long",
    broken.ReadTimeoutError: "it fell silent",
    broken.SSLError: "no secure connection",
    broken.DecodeError: "its body cannot be decompressed",
    httpx.DecodingError: "its body cannot be decompressed",
    IncompleteRead: "its body was cut short",
    ConnectionError: "the connection was reset",
    requests.TooManyRedirects: "it redirects without end",
    httpx.TooManyRedirects: "it redirects without end",
    httpx.RemoteProtocolError: "it redirects to what is no address",
    broken.LocationValueError: "its address is none",
    exceptions.InvalidURL: "its address is none",
    exceptions.InvalidSchema: "its address is none",
}
"""What may go wrong below an answer; equal reasons are counted together."""


def mount(line: Line, session: requests.Session) -> None:
    """Send everything of a client's session through a line, which the client need not know of."""
    adapter, send = _Adapter(line), session.send
    for scheme in ("http://", "https://"):
        session.mount(scheme, adapter)

    def ending(*args: Any, **kwargs: Any) -> requests.Response:
        try:
            return send(*args, **kwargs)
        except requests.RequestException as wrong:
            raise Unavailable(_reason(wrong)) from wrong

    with suppress(ValueError):  # an address that is none is told when it is asked
        # The environment's proxies and certificates, read once and not at every request.
        found = session.merge_environment_settings(line.settings.url, {}, None, session.verify, session.cert)
        session.proxies, session.verify, session.trust_env = found["proxies"], found["verify"], False
    session.max_redirects = _REDIRECTS
    session.send = ending  # type: ignore[method-assign]


def client(line: Line) -> httpx.Client:
    """Make the client of an archive without one of its own; several threads may share it."""
    return _Client(transport=_Transport(line), follow_redirects=True, max_redirects=_REDIRECTS)


class _Client(httpx.Client):
    """A client for which an archive that leads nowhere is one that does not answer."""

    def send(self, *args: Any, **kwargs: Any) -> httpx.Response:
        """Send a request, and follow where it leads."""
        try:
            return super().send(*args, **kwargs)
        except httpx.RequestError as wrong:
            raise Unavailable(_reason(wrong)) from wrong


class _Adapter(HTTPAdapter):
    """requests' way to the network, through a line."""

    def __init__(self, line: Line) -> None:
        self._line = line
        super().__init__(pool_maxsize=_pooled(line))

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        """Give the pool for a request."""
        return prepared(super().get_connection_with_tls_context(*args, **kwargs))

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Give a response whose body is there as a whole."""
        told = kwargs | {"stream": True, "timeout": _timeout(self._line)}

        def once() -> tuple[requests.Response, int]:
            try:
                response = super(_Adapter, self).send(request, *args, **told)
                body = response.content
            except (requests.RequestException, broken.HTTPError) as wrong:
                raise Unavailable(_reason(wrong)) from wrong
            if response.status_code >= 400:
                check_status(response.status_code, response.headers.get("retry-after"), response.text)
            return response, len(body)

        return self._line.exchange(*cuttable(once))


class _Transport(httpx.BaseTransport):
    """httpx's way to the network, through a line; over urllib3, because httpx's own connections cannot be cut."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._network = urllib3.PoolManager(
            maxsize=_pooled(line), ssl_context=httpx.create_ssl_context(), timeout=_timeout(line)
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Give a response whose body is there as a whole."""
        url, target = str(request.url), request.url.raw_path.decode("ascii")
        headers, body = dict(request.headers), request.read()

        def once() -> tuple[httpx.Response, int]:
            try:
                came = prepared(self._network.connection_from_url(url)).urlopen(
                    request.method, target, body, headers, redirect=False, retries=False, decode_content=False
                )
                whole = httpx.Response(came.status, headers=list(came.headers.items()), content=came.data)
            except (broken.HTTPError, httpx.DecodingError) as wrong:
                raise Unavailable(_reason(wrong)) from wrong
            if whole.status_code >= 400:
                check_status(whole.status_code, whole.headers.get("retry-after"), whole.text)
            return whole, len(whole.content)

        return self._line.exchange(*cuttable(once))

    def close(self) -> None:
        """Close the connections."""
        self._network.clear()


def check_status(status: int, retry_after: str | None, said: str) -> None:
    """Say what an answer with an error status means.

    Raises
    ------
    Unavailable
        For 429 and every 5xx.
    Banned
        For 401 and 403.
    Refused
        For every other one; `Missing` for 404.
    """
    if status == 429 or status >= 500:
        raise Unavailable(f"status {status}", _seconds(retry_after))
    if status in (401, 403):
        raise Banned(f"status {status}")
    kind = Missing if status == 404 else Refused
    raise kind(f"status {status}: {' '.join(re.sub('<[^>]*>', ' ', said).split())[:120]}")


def _seconds(retry_after: str | None) -> float:
    """Read a Retry-After header: a number of seconds, or a date."""
    said = (retry_after or "").strip()
    if said.isdecimal():
        return float(said)
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return 0.0
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _pooled(line: Line) -> int:
    """Leave room for requests that were given up, whose connections come back late."""
    return 2 * line.settings.connections


def _timeout(line: Line) -> urllib3.Timeout:
    deadline = line.settings.deadline_s
    return urllib3.Timeout(connect=min(_CONNECT_S, deadline), read=deadline)


def _reason(wrong: Exception) -> str:
    """Say what went wrong in few words; the libraries wrap the error that tells it in several others."""
    chain = [wrong]
    for error in chain:
        for kind, said in _SAID.items():
            if isinstance(error, kind):
                return said
        chain += [inner for inner in (*error.args, getattr(error, "reason", None)) if isinstance(inner, Exception)]
    return type(wrong).__name__
