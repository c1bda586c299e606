"""The spool: answers survive a process that is killed, whole or not at all."""

import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from starloop.errors import BadInput
from starloop.nights.spool import Spool

SCHEMA = pa.schema([("n", pa.int64()), ("band", pa.string())])
TOLD = """
import sys
from pathlib import Path
import pyarrow as pa
from starloop.nights.spool import Spool

with Spool(Path(sys.argv[1])) as spool:
    begin = len(spool.known("alerts"))
    for key in range(begin, begin + 100_000):
        rows = 1 + key % 50
        table = pa.table({"n": [key] * rows, "band": ["g" * 100] * rows})
        spool.put("alerts", f"{key:06}", {"detections": table, "non_detections": table.slice(0, rows // 2)})
        sys.stdout.write(f"{key:06}\\n")
        sys.stdout.flush()
"""


def _table(*numbers: int, band: str = "g") -> pa.Table:
    return pa.table({"n": list(numbers), "band": [band] * len(numbers)}, schema=SCHEMA)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "fetching" / "2020-03-01" / "answers.sqlite"


def test_a_process_killed_at_any_moment_leaves_every_answer_it_had_put_and_no_half_ones(path: Path):
    chance, put = random.Random(4), []
    for _ in range(3):
        writer = subprocess.Popen([sys.executable, "-c", TOLD, str(path)], stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        for _ in range(chance.randrange(1, 400)):
            put.append(writer.stdout.readline().strip())
        os.kill(writer.pid, signal.SIGKILL)
        put += [line.strip() for line in writer.stdout if line.endswith("\n")]
        assert writer.wait() == -signal.SIGKILL
        writer.stdout.close()
        with Spool(path) as spool:
            known = spool.known("alerts")
            assert set(put) <= known
            assert len(known) <= len(put) + 1  # one may be there that was not told any more
            put = sorted(known)
            for key in put:
                rows = 1 + int(key) % 50
                detections = spool.one("alerts", "detections", key)
                limits = spool.one("alerts", "non_detections", key)
                assert detections is not None
                assert detections["n"].to_pylist() == [int(key)] * rows
                assert (limits.num_rows if limits else 0) == rows // 2


def test_an_answer_comes_back_as_it_was_put(path: Path):
    table = pa.table({"n": [1, None], "band": ["g", None]}, schema=SCHEMA)
    with Spool(path) as spool:
        spool.put("alerts", "a", {"detections": table, "non_detections": _table()})
        assert spool.one("alerts", "detections", "a").equals(table)
        assert spool.one("alerts", "non_detections", "a") is None
        assert spool.one("alerts", "detections", "b") is None
        assert spool.one("epochs", "detections", "a") is None


def test_rows_are_read_in_the_order_of_their_keys_whatever_order_they_came_in(path: Path):
    keys = ["ZTF20aaelulu", "ZTF17aaaaaab", "b", "", "é", "ZTF18aa", "B", "\U0001f52d", "\uffff"]
    random.Random(2).shuffle(keys)
    with Spool(path) as spool:
        for key in keys:
            spool.put("alerts", key, {"detections": _table(1, 2, band=key)})
            spool.put("epochs", key, {"detections": _table(3)})
        read = spool.read("alerts", "detections", SCHEMA)
    assert read["band"].to_pylist() == [key for key in sorted(keys) for _ in range(2)]
    assert read.schema == SCHEMA
    assert read["n"].num_chunks == 1


def test_nothing_is_read_as_an_empty_table(path: Path):
    with Spool(path) as spool:
        assert spool.read("alerts", "detections", SCHEMA).equals(_table())


def test_an_empty_answer_is_known_but_has_no_rows(path: Path):
    with Spool(path) as spool:
        spool.put("epochs", "a", {"releases": _table()})
        spool.put("epochs", "b", {})
        spool.put("epochs", "c", {"releases": _table(1)})
        assert spool.known("epochs") == {"a", "b", "c"}
        assert spool.filled("epochs", "releases") == {"c"}
        assert spool.known("alerts") == set()


def test_a_later_answer_takes_the_place_of_an_earlier_one(path: Path):
    with Spool(path) as spool:
        spool.put("alerts", "a", {"detections": _table(1), "non_detections": _table(2)})
        spool.put("alerts", "a", {"detections": _table(3)})
        assert spool.read("alerts", "detections", SCHEMA)["n"].to_pylist() == [3]
        assert spool.filled("alerts", "non_detections") == set()


def test_an_answer_can_be_taken_back(path: Path):
    with Spool(path) as spool:
        for key in "ab":
            spool.put("epochs", key, {"releases": _table(1, band=key)})
        spool.forget("epochs", "a")
        spool.forget("epochs", "never there")
        assert spool.known("epochs") == {"b"}
        assert spool.read("epochs", "releases", SCHEMA)["band"].to_pylist() == ["b"]


def test_a_moved_answer_has_its_rows_at_the_other_source_only_and_stays_known(path: Path):
    with Spool(path) as spool:
        spool.put("epochs", "a", {"releases": _table(1)})
        spool.put("confirmed", "a", {"releases": _table(7)})
        spool.move("epochs", "a", "confirmed")
        assert spool.known("epochs") == spool.known("confirmed") == {"a"}
        assert spool.filled("epochs", "releases") == set()
        assert spool.read("confirmed", "releases", SCHEMA)["n"].to_pylist() == [1]


def test_an_answer_that_cannot_be_written_leaves_the_earlier_one(path: Path):
    with Spool(path) as spool:
        spool.put("alerts", "a", {"detections": _table(1)})
        with pytest.raises(AttributeError):
            spool.put("alerts", "a", {"detections": _table(2), "broken": None})
        spool.put("alerts", "b", {"detections": _table(3)})
    with Spool(path) as spool:
        assert spool.read("alerts", "detections", SCHEMA)["n"].to_pylist() == [1, 3]


@pytest.mark.parametrize("content", [b"not a database", b"not a database" * 1000, b"SQLite format 3\x00" + b"x" * 5000])
def test_a_file_that_is_no_spool_is_named_with_what_to_do(path: Path, content: bytes):
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(BadInput, match=rf"^{path} is broken \(.*\): delete it, and what it held is fetched again$"):
        Spool(path)


def test_a_spool_that_turns_out_to_be_broken_is_named_when_it_is_left(path: Path):
    with Spool(path) as spool:
        for key in range(300):
            spool.put("alerts", f"{key}", {"detections": _table(*range(200))})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + bytes(len(whole) - len(whole) // 2))
    with pytest.raises(BadInput, match=rf"{path} is broken"), Spool(path) as spool:
        spool.read("alerts", "detections", SCHEMA)


def test_a_folder_where_the_file_should_be_is_told(path: Path):
    path.mkdir(parents=True)
    with pytest.raises(BadInput, match=rf"{path} cannot be used"):
        Spool(path)


def test_a_deleted_spool_begins_anew_though_its_log_is_left(path: Path):
    with Spool(path) as spool:
        spool.put("alerts", "a", {"detections": _table(1)})
        shutil.copy(f"{path}-wal", path.with_name("left"))
    path.unlink()
    path.with_name("left").rename(f"{path}-wal")
    with Spool(path) as spool:
        assert spool.known("alerts") == set()


def test_a_spool_closes_so_that_one_file_is_left(path: Path):
    with Spool(path) as spool:
        spool.put("alerts", "a", {"detections": _table(1)})
    assert [file.name for file in path.parent.iterdir()] == ["answers.sqlite"]


def test_other_errors_pass_through_a_spool_as_they_are(path: Path):
    with pytest.raises(ZeroDivisionError), Spool(path):
        raise ZeroDivisionError
