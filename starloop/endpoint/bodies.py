"""Reading a request's body, as sent or gzipped, and never more of it than is allowed."""

import zlib
from collections.abc import Mapping

import anyio.to_thread
from starlette.types import Receive

from starloop.endpoint.problems import Refused

_ELSEWHERE = 64 * 1024
"""Bytes of gzip beyond which unpacking would hold up the other requests."""
_GZIP = zlib.MAX_WBITS | 16


async def read(receive: Receive, headers: Mapping[bytes, bytes], most: int) -> bytes:
    """Read a body whole, unpacked.

    Parameters
    ----------
    receive : callable
        ASGI's.
    headers : mapping of bytes to bytes
        The request's, names in lower case.
    most : int
        Bytes, as sent and unpacked.

    Raises
    ------
    Refused
        413 when it is longer, 415 when it is packed otherwise, 400 when the packing is broken or the asker left.
    """
    encoding = headers.get(b"content-encoding", b"identity").strip().lower()
    if encoding not in (b"identity", b"gzip"):
        raise Refused(415, "the body's Content-Encoding must be gzip or none", headers={"Accept-Encoding": "gzip"})
    # A server has checked that it is a number.
    if int(headers.get(b"content-length", 0)) > most:
        raise _too_long(most)
    parts, length, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "the connection was closed before the body had come; send it again")
        part = message.get("body", b"")
        length += len(part)
        if length > most:
            raise _too_long(most)
        parts.append(part)
        more = message.get("more_body", False)
    body = b"".join(parts)
    if encoding == b"identity":
        return body
    if length > _ELSEWHERE:
        return await anyio.to_thread.run_sync(_unpacked, body, most)
    return _unpacked(body, most)


def _unpacked(packed: bytes, most: int) -> bytes:
    parts, left = [], most
    while packed:
        member = zlib.decompressobj(_GZIP)
        try:
            parts.append(member.decompress(packed, left + 1))
        except zlib.error as wrong:
            raise Refused(400, f"the body is said to be gzip, and cannot be unpacked ({wrong})") from None
        left -= len(parts[-1])
        if left < 0:
            raise _too_long(most)
        if not member.eof:
            raise Refused(400, "the body's gzip ends before its end; send it whole")
        packed = member.unused_data
    return b"".join(parts)


def _too_long(most: int) -> Refused:
    return Refused(413, f"the body is longer than {most:,} bytes; send fewer light curves at a time")
