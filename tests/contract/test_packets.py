"""Real ZTF alert packets, of schemas 3 and 4, beside what their plain records say."""

import shutil
from pathlib import Path
from typing import Any

import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from starloop.archives.packet_rows import FORCED
from starloop.archives.packets import Packets
from starloop.checks.run import check
from starloop.nights.calendar import Night
from starloop.nights.ledger import Counts, Ledger
from starloop.nights.store import Home, write_table
from starloop.sky.tables import TABLES

Row = dict[str, Any]


@pytest.fixture(scope="module")
def folder(recordings: Path) -> Path:
    """The folder of real packets."""
    return recordings / "alerts_avro"


@pytest.fixture(scope="module")
def alerts(folder: Path) -> list[Row]:
    """Their plain records, the earliest first."""
    records: list[Row] = []
    for path in folder.rglob("*.avro"):
        with path.open("rb") as file:
            records += list(fastavro.reader(file))
    return sorted(records, key=lambda alert: alert["candidate"]["jd"])


@pytest.fixture(scope="module")
def packets(folder: Path) -> Packets:
    """The packets as an archive."""
    return Packets(folder)


def _nights(alerts: list[Row]) -> set[Night]:
    return {Night.at(_mjd(alert["candidate"])) for alert in alerts}


def _mjd(row: Row) -> float:
    return round(row["jd"] - 2400000.5, 7)


def _until(alerts: list[Row], oid: str, night: Night) -> list[Row]:
    return [alert for alert in alerts if alert["objectId"] == oid and _mjd(alert["candidate"]) < night.end]


def _history(alerts: list[Row]) -> list[Row]:
    return [row for alert in alerts for row in [alert["candidate"], *(alert["prv_candidates"] or [])]]


def test_every_real_packet_is_read_and_every_night_lists_its_objects(packets: Packets, alerts: list[Row]) -> None:
    assert packets.failures == {}
    assert len(packets.files) == len(alerts)
    assert {alert["schemavsn"][0] for alert in alerts} == {"3", "4"}
    for night in _nights(alerts):
        expected = {alert["objectId"] for alert in alerts if Night.at(_mjd(alert["candidate"])) == night}
        assert packets.active(night)["oid"].to_pylist() == sorted(expected)


def test_real_light_curves_hold_each_detection_and_limit_once(packets: Packets, alerts: list[Row]) -> None:
    for night in _nights(alerts):
        for oid in packets.active(night)["oid"].to_pylist():
            history = _history(_until(alerts, oid, night))
            seen = {str(row["candid"]): row for row in reversed(history) if row["magpsf"] is not None}
            limits = {(_mjd(row), row["fid"]): row["diffmaglim"] for row in history if row["magpsf"] is None}
            curve = packets.light_curve(oid, night)
            assert curve.seen_in(night)
            found = {row["candid"]: row for row in curve.detections.to_pylist()}
            assert list(found) == sorted(seen, key=lambda candid: (_mjd(seen[candid]), candid))
            for candid, row in seen.items():
                assert {name: found[candid][name] for name in ("mjd", "isdiffpos", "drb")} == {
                    "mjd": _mjd(row),
                    "isdiffpos": {"t": 1.0, "f": -1.0}[row["isdiffpos"]],
                    "drb": row.get("drb"),
                }
                for name in ("fid", "magpsf", "sigmapsf", "rb", "distnr", "diffmaglim", "ra", "dec"):
                    assert found[candid][name] == row[name]
            assert [tuple(row.values()) for row in curve.non_detections.to_pylist()] == [
                (oid, *key, limits[key]) for key in sorted(limits)
            ]


def test_real_forced_photometry_is_whole_and_minus_99999_is_null(packets: Packets, alerts: list[Row]) -> None:
    told = [(alert["objectId"], epoch) for alert in alerts for epoch in alert.get("fp_hists") or []]
    night = max(_nights(alerts))
    rows = pa.concat_tables([packets.forced(oid, night) for oid in sorted({oid for oid, _ in told})]).to_pylist()
    expected = {(oid, _mjd(epoch), epoch["fid"], epoch["field"], epoch["rcid"]): epoch for oid, epoch in told}
    assert [tuple(row[name] for name in ("oid", "mjd", "fid", "field", "rcid")) for row in rows] == sorted(expected)
    for row in rows:
        epoch = expected[tuple(row[name] for name in ("oid", "mjd", "fid", "field", "rcid"))]
        for name in set(FORCED.names) & set(epoch):
            assert row[name] == (None if epoch[name] == -99999.0 else epoch[name]), name
    assert any(row["forcediffimflux"] is None for row in rows)


def test_the_same_packets_under_other_names_give_the_same_tables(
    packets: Packets, alerts: list[Row], folder: Path, tmp_path: Path
) -> None:
    for number, name in enumerate(reversed(packets.files)):
        shutil.copyfile(folder / name, tmp_path / f"{number:03}.avro")
    shutil.copyfile(folder / packets.files[0], tmp_path / "again.avro")
    renamed = Packets(tmp_path)
    for night in _nights(alerts):
        listed = packets.active(night)
        assert renamed.active(night).equals(listed)
        for oid in listed["oid"].to_pylist():
            assert renamed.light_curve(oid, night) == packets.light_curve(oid, night)
            assert renamed.forced(oid, night).equals(packets.forced(oid, night))


def test_a_truncated_real_packet_is_named_wherever_it_was_cut(packets: Packets, folder: Path, tmp_path: Path) -> None:
    whole = {name.rsplit("/", 1)[-1]: (folder / name).read_bytes() for name in (packets.files[0], packets.files[-1])}
    for name, packet in whole.items():
        (tmp_path / name).write_bytes(packet)
        for cut in range(0, len(packet), len(packet) // 50):
            (tmp_path / f"{cut:07}-{name}").write_bytes(packet[:cut])
    found = Packets(tmp_path)
    assert set(found.files) - set(found.failures) == set(whole)


def test_a_real_night_passes_the_checks(packets: Packets, alerts: list[Row], tmp_path: Path) -> None:
    night = max(_nights(alerts))
    objects = packets.active(night)
    oids = objects["oid"].to_pylist()
    curves = [packets.light_curve(oid, night) for oid in oids]
    tables = {name: schema.empty_table() for name, schema in TABLES.items()} | {
        "objects": objects.select(TABLES["objects"].names),
        "detections": pa.concat_tables([curve.detections for curve in curves]),
        "non_detections": pa.concat_tables([curve.non_detections for curve in curves]),
        "forced": pa.concat_tables([packets.forced(oid, night) for oid in oids]),
    }
    home = Home(tmp_path)
    for name, rows in tables.items():
        write_table(rows, home.raw(night) / f"{name}.parquet")
    sources = {name: Counts(rows_received=len(rows)) for name, rows in tables.items()}
    Ledger(night=str(night), sky="real packets", sources=sources).save(home.raw(night) / "counts.json")
    check(home, night)
    ledger = Ledger.load(home.ledger(night)).balance()
    for name in ("objects", "detections", "non_detections", "forced"):
        assert ledger.sources[name].accepted == len(tables[name]) > 0
        assert pq.read_table(home.good(night) / f"{name}.parquet").equals(tables[name].combine_chunks())
