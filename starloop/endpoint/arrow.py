"""Tables that strangers send, as Arrow or Parquet: read without believing them."""

import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

import pyarrow as pa
import pyarrow.compute as pc

from starloop.endpoint.problems import Refused
from starloop.endpoint.schemas import MOST_CURVES, MOST_TESS_POINTS
from starloop.endpoint.unpack import REFUSED

ARROW = "application/vnd.apache.arrow.stream"
PARQUET = "application/vnd.apache.parquet"
MOST_VALUES = 2_000_000
"""In all the lists of a request."""
_MOST_UNPACKED = 64 * 2**20
MOST_COLUMNS = 1_000
_UNPACK = Path(__file__).with_name("unpack.py")
# Each may need much memory.
_ONE = Lock()
_PACKED = "is compressed inside; write the stream without compression, and gzip the body if it shall be shorter"
_PLAIN = (
    *(pa.types.is_floating, pa.types.is_integer, pa.types.is_boolean, pa.types.is_null),
    *(pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view),
)


def table(media: str, body: bytes) -> pa.Table:
    """Read a table, at most 1,000 rows of plain values and lists of them.

    Nothing is unpacked before its size is known: a few kilobytes can claim to be gigabytes. What the bytes say of
    themselves is verified, because Arrow itself would follow an offset anywhere.

    Raises
    ------
    Refused
        Says what is wrong, with 400.
    """
    try:
        told = _stream(body if media == ARROW else unpacked(body, rows=MOST_CURVES))
        told.validate(full=True)
    except (pa.ArrowException, OSError, UnicodeDecodeError, struct.error) as wrong:
        raise Refused.field("body", f"is not an Arrow IPC stream: {str(wrong).splitlines()[0][:200]}") from None
    _bounded(told)
    return told


def unpacked(body: bytes, *, rows: int) -> bytes:
    """Give a Parquet file as an Arrow stream, at most so many rows of it.

    Another process reads it (`starloop.endpoint.unpack` says why), one at a time.

    Raises
    ------
    Refused
        Says what is wrong, with 400.
    """
    command = [sys.executable, "-I", str(_UNPACK), *map(str, (rows, MOST_COLUMNS, _MOST_UNPACKED))]
    with _ONE:
        run = subprocess.run(command, input=body, capture_output=True, check=False)
    if run.returncode == REFUSED:
        raise Refused.field("body", run.stderr.decode("utf-8", "replace"))
    if run.returncode:
        raise Refused.field("body", "is not a Parquet file that can be read")
    return run.stdout


def _stream(body: bytes) -> pa.Table:
    for message in pa.ipc.MessageReader.open_stream(body):
        if message.type == "record batch" and _compressed(message.metadata.to_pybytes()):
            raise Refused.field("body", _PACKED)
    with pa.ipc.open_stream(body) as reader:
        _plain(reader.schema)
        return reader.read_all()


def _compressed(metadata: bytes) -> bool:
    # Arrow has no question for it: the flat buffer's tables are followed from Message.header to its RecordBatch's
    # compression, field 2 of the one and 3 of the other (Message.fbs).
    (message,) = struct.unpack_from("<I", metadata)
    header = _field(metadata, message, 2)
    (offset,) = struct.unpack_from("<I", metadata, header)
    return _field(metadata, header + offset, 3) > 0


def _field(buffer: bytes, place: int, number: int) -> int:
    (back,) = struct.unpack_from("<i", buffer, place)
    (size,) = struct.unpack_from("<H", buffer, place - back)
    entry = 4 + 2 * number
    offset = struct.unpack_from("<H", buffer, place - back + entry)[0] if entry < size else 0
    return place + offset if offset else 0


def _plain(schema: pa.Schema) -> None:
    if len(schema) > MOST_COLUMNS:
        raise Refused.field("body", f"has {len(schema):,} columns, and at most {MOST_COLUMNS:,} are taken")
    for number, field in enumerate(schema):
        value = field.type
        if pa.types.is_list(value) or pa.types.is_large_list(value):
            value = value.value_type
        if not any(is_type(value) for is_type in _PLAIN):
            raise Refused.field(field.name, f"is of {field.type}; numbers, texts and lists of them are taken")
        if schema.names.index(field.name) != number:
            raise Refused.field(field.name, "is there twice")


def _bounded(told: pa.Table) -> None:
    if told.num_rows > MOST_CURVES:
        raise Refused.field("body", f"has {told.num_rows:,} rows, and at most {MOST_CURVES:,} are taken")
    total = 0
    for name, lengths in _lengths(told):
        longest = pc.max(lengths).as_py() or 0
        if longest > MOST_TESS_POINTS:
            row = pc.index(lengths, longest).as_py()
            raise Refused.field(f"[{row}].{name}", f"has {longest:,} values; at most {MOST_TESS_POINTS:,} are taken")
        total += pc.sum(lengths).as_py() or 0
    if total > MOST_VALUES:
        raise Refused.field("body", f"has more than {MOST_VALUES:,} values in its lists; send fewer at a time")


def _lengths(told: pa.Table) -> Iterator[tuple[str, pa.ChunkedArray]]:
    for field in told.schema:
        if pa.types.is_list(field.type) or pa.types.is_large_list(field.type):
            yield field.name, pc.list_value_length(told[field.name])
