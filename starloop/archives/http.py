"""What the clients' HTTP libraries send through a line: requests for the clients that exist, httpx for the rest."""

import time
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import requests
from requests.adapters import HTTPAdapter

from starloop.archives.line import Banned, Line, Refused, Unavailable

_CONNECT_S = 10.0
_ASKED_TO_WAIT_S = 30.0


def mount(line: Line, session: requests.Session) -> None:
    """Send everything of a client's session through a line, which the client need not know of."""
    adapter = _Adapter(line)
    for scheme in ("http://", "https://"):
        session.mount(scheme, adapter)


def client(line: Line) -> httpx.Client:
    """Make the client of an archive without one of its own; several threads may share it."""
    return httpx.Client(transport=_Transport(line), follow_redirects=True)


class _Adapter(HTTPAdapter):
    """requests' way to the network, through a line."""

    def __init__(self, line: Line) -> None:
        self._line = line
        super().__init__(pool_maxsize=line.settings.connections)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Give a response whose body is there as a whole."""
        deadline = self._line.settings.deadline_s
        told = kwargs | {"stream": True, "timeout": (min(_CONNECT_S, deadline), deadline)}
        under_way: list[requests.Response] = []

        def once() -> tuple[requests.Response, int]:
            try:
                response = super(_Adapter, self).send(request, *args, **told)
                under_way[:] = [response]
                body = response.content
            except requests.exceptions.InvalidURL:
                raise
            except requests.RequestException as wrong:
                raise Unavailable(type(wrong).__name__) from wrong
            if response.status_code >= 400:
                check_status(response.status_code, response.headers.get("retry-after"), response.text)
            return response, len(body)

        def cut() -> None:
            for response in under_way:
                response.raw.shutdown()

        return self._line.exchange(once, cut)


class _Transport(httpx.BaseTransport):
    """httpx's way to the network, through a line."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._network = httpx.HTTPTransport(limits=httpx.Limits(max_connections=line.settings.connections))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Give a response whose body is there as a whole."""
        deadline = self._line.settings.deadline_s
        request.extensions["timeout"] = httpx.Timeout(deadline, connect=min(_CONNECT_S, deadline)).as_dict()

        def once() -> tuple[httpx.Response, int]:
            ends = time.monotonic() + deadline
            try:
                response = self._network.handle_request(request)
                try:
                    parts = []
                    for part in response.iter_raw():
                        parts.append(part)
                        if time.monotonic() > ends:
                            raise Unavailable("the body trickled in")
                finally:
                    response.close()
            except httpx.TransportError as wrong:
                raise Unavailable(type(wrong).__name__) from wrong
            whole = httpx.Response(
                response.status_code, headers=response.headers, content=b"".join(parts), request=request
            )
            if whole.status_code >= 400:
                check_status(whole.status_code, whole.headers.get("retry-after"), whole.text)
            return whole, len(whole.content)

        return self._line.exchange(once)

    def close(self) -> None:
        """Close the connections."""
        self._network.close()


def check_status(status: int, retry_after: str | None, said: str) -> None:
    """Say what an answer with an error status means.

    Raises
    ------
    Unavailable
        For 429 and every 5xx.
    Banned
        For 401 and 403.
    Refused
        For every other one.
    """
    if status == 429 or status >= 500:
        raise Unavailable(f"status {status}", _seconds(retry_after))
    if status in (401, 403):
        raise Banned(f"status {status}")
    raise Refused(f"status {status}: {' '.join(said.split())[:120]}")


def _seconds(retry_after: str | None) -> float:
    """Read a Retry-After header; one that is a date asks for the longest wait."""
    if retry_after is None:
        return 0.0
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        parsedate_to_datetime(retry_after)
    except ValueError:
        return 0.0
    return _ASKED_TO_WAIT_S
