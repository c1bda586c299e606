"""A request and the answer to it, held whole so that a fault can look at both."""

import re
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Literal, TypeAlias
from urllib.parse import parse_qs, parse_qsl, urlencode

# Clients put these into a body to make every request differ: MAST's cacheBreaker, and the boundary of an upload.
_UUID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BOUNDARY = re.compile(r'boundary="?([^";]+)')


Sending: TypeAlias = Literal["whole", "cut", "stalled", "trickled", "reset"]


@dataclass(frozen=True)
class Answer:
    """An answer before it is sent.

    Parameters
    ----------
    status : int
        The HTTP status.
    headers : dict
        Names in lower case; the length of the body is added when it is sent.
    body : bytes
        The whole of it.
    sending : str
        ``whole``; ``cut`` after the first half, the connection closed; ``stalled`` after the first half, the
        connection left open; ``trickled``, one byte at a time; or ``reset`` before the first byte.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    sending: Sending = "whole"

    @property
    def media_type(self) -> str:
        """What the body is, without its character set."""
        return self.headers.get("content-type", "").partition(";")[0].strip()


@dataclass(frozen=True)
class Asked:
    """A request, and what a fault may need to know besides.

    Parameters
    ----------
    method, path, query : str
        As in the request; the query without its question mark.
    content_type : str
        Empty where none was sent.
    body : bytes
        The whole of it.
    limit : int, optional
        The fault's own limit of rows.
    page_before : Answer, optional
        What the page before this one holds.
    """

    method: str
    path: str
    query: str
    content_type: str
    body: bytes
    limit: int | None = None
    page_before: Answer | None = None

    @property
    def target(self) -> str:
        """``path?query``; the question mark is there without a query, too."""
        return f"{self.path}?{self.query}"

    @property
    def parameters(self) -> set[str]:
        """The names in the query, in upper case."""
        return {name.upper() for name in parse_qs(self.query, keep_blank_values=True)}

    @property
    def query_of_page_before(self) -> str | None:
        """The query for the page before this one; None when this is the first."""
        told = parse_qsl(self.query, keep_blank_values=True)
        page = dict(told).get("page", "1")
        if not page.isdecimal() or int(page) < 2:
            return None
        return urlencode([*((name, value) for name, value in told if name != "page"), ("page", str(int(page) - 1))])

    @cached_property
    def identity(self) -> bytes:
        """A digest that is the same whenever the same thing is asked."""
        body = _UUID.sub(b"", self.body)
        boundary = _BOUNDARY.search(self.content_type)
        if boundary is not None:
            body = body.replace(boundary[1].encode("latin-1"), b"")
        return blake2b(f"{self.method} {self.target}\n".encode() + body, digest_size=16).digest()
