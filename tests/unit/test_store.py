"""What is written in a home is whole, repeatable, and recognised when it changes."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from starloop.nights.calendar import Night
from starloop.nights.store import Home, digest, write_json, write_table

TABLE = pa.table({"oid": ["ZTF20aaelulu", None], "mjd": [58855.5, None]})


def test_a_home_gives_each_night_its_own_places() -> None:
    home, night = Home(Path("data/test")), Night.parse("2020-03-01")
    places = [home.raw, home.good, home.quarantine, home.ledger, home.lock, home.checks, home.predictions]
    assert len({place(night) for place in places}) == len(places)
    assert home.raw(night) == Path("data/test/raw/2020-03-01")


def test_the_same_table_gives_the_same_bytes_and_nulls_stay_nulls(tmp_path: Path) -> None:
    write_table(TABLE, tmp_path / "a" / "t.parquet")
    write_table(TABLE, tmp_path / "b" / "t.parquet")
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    assert pq.read_table(tmp_path / "a" / "t.parquet").equals(TABLE)


def test_json_does_not_depend_on_the_order_of_keys(tmp_path: Path) -> None:
    write_json({"b": 1, "a": [2.5, None]}, tmp_path / "one.json")
    write_json({"a": [2.5, None], "b": 1}, tmp_path / "two.json")
    assert digest(tmp_path / "one.json") == digest(tmp_path / "two.json")


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    write_json({"a": 1}, tmp_path / "kept.json")
    before = digest(tmp_path)
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json({"a": float("nan")}, tmp_path / "kept.json")
    assert digest(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == ["kept.json"]


@pytest.mark.parametrize("change", ["content", "name", "more", "less"])
def test_a_folders_digest_sees_every_change(tmp_path: Path, change: str) -> None:
    folder = tmp_path / "night"
    write_json(1, folder / "a.json")
    write_json(2, folder / "tess" / "b.json")
    before = digest(folder)
    match change:
        case "content":
            write_json(3, folder / "tess" / "b.json")
        case "name":
            (folder / "a.json").rename(folder / "c.json")
        case "more":
            write_json(3, folder / "c.json")
        case "less":
            (folder / "a.json").unlink()
    assert digest(folder) != before
