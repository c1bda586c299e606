"""A program of its own: a Parquet file in, the same table as an Arrow stream out.

Arrow's Parquet reader ends the whole process on some malformed files, and a file of a kilobyte may unpack to gigabytes.
Here neither costs more than this process, whose memory and time are bounded. It knows nothing of starloop, so that it
starts in the time Arrow takes to load.

    python -I unpack.py MOST-ROWS MOST-COLUMNS MOST-BYTES < file.parquet > table.arrows

What it refuses it says on the standard error, and ends with 3.
"""

import resource
import sys

REFUSED = 3
MEMORY = 2 * 2**30
CPU_S = 20


def main() -> None:
    """Do it."""
    rows, columns, most = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import pyarrow as pa
    import pyarrow.parquet as pq

    pa.set_memory_pool(pa.system_memory_pool())
    try:
        with pq.ParquetFile(pa.BufferReader(sys.stdin.buffer.read())) as file:
            told = file.metadata
            if told.num_rows > rows:
                _refuse(f"has {told.num_rows:,} rows, and at most {rows:,} are taken")
            if told.num_columns > columns:
                _refuse(f"has {told.num_columns:,} columns, and at most {columns:,} are taken")
            table = file.read(use_threads=False)
    except MemoryError:
        _refuse("needs too much memory to unpack")
    except (pa.ArrowException, OSError) as wrong:
        _refuse(f"is not a Parquet file: {str(wrong).splitlines()[0][:200]}")
    if table.nbytes > most:
        _refuse(f"unpacks to {table.nbytes:,} bytes, and at most {most:,} are taken; send fewer at a time")
    with pa.ipc.new_stream(sys.stdout.buffer, table.schema) as writer:
        writer.write_table(table)


def _refuse(why: str) -> None:
    sys.stderr.write(why)
    sys.exit(REFUSED)


if __name__ == "__main__":
    main()
