"""A folder of alert packets with broken ones in it: each is named, and none keeps the others from being read."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fastavro
import pytest

from starloop.archives import packets as module
from starloop.archives.line import Refused
from starloop.archives.packets import Packets
from starloop.errors import BadInput
from tests.unit.packet_files import JD, NIGHT, detection, fields_of, limit, packet, record, write


def _not_avro(path: Path) -> None:
    path.write_text("<html>502 Bad Gateway</html>")


def _empty(path: Path) -> None:
    path.touch()


def _truncated(path: Path) -> None:
    path.write_bytes(write(path, packet(detection(9))).read_bytes()[:-40])


def _without_alerts(path: Path) -> None:
    write(path)


def _foreign(path: Path) -> None:
    with path.open("wb") as file:
        fastavro.writer(file, record("star", fields_of(objectId="int")), [{"objectId": 5}])


def _sparse(path: Path, oid: str | None, **candidate: float | None) -> None:
    place = fields_of(candid=["null", "long"], **{key: ["null", "double"] for key in ("jd", "ra", "dec")})
    alert = record("alert", fields_of(objectId=["null", "string"], candidate=["null", record("candidate", place)]))
    with path.open("wb") as file:
        fastavro.writer(file, alert, [{"objectId": oid, "candidate": candidate or None}])


WHOLE = {"candid": 9, "jd": JD, "ra": 10.0, "dec": 20.0}


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_not_avro, "is it an avro file"),
        (_empty, "is it an avro file"),
        (_truncated, "EOFError"),
        (_without_alerts, "it holds no alert"),
        (_foreign, "got a 'int' object"),
        (lambda path: path.mkdir(), "IsADirectoryError"),
        (lambda path: _sparse(path, None, **WHOLE), "it has no objectId"),
        (lambda path: _sparse(path, "", **WHOLE), "it has no objectId"),
        (lambda path: _sparse(path, "ZTF23a"), "its candidate has no jd"),
        (lambda path: _sparse(path, "ZTF23a", **(WHOLE | {"jd": None})), "its candidate has no jd"),
        (lambda path: _sparse(path, "ZTF23a", **(WHOLE | {"candid": None})), "its candidate has no candid"),
        (lambda path: _sparse(path, "ZTF23a", **(WHOLE | {"dec": None})), "its candidate has no dec"),
        (lambda path: write(path, packet(detection(9, jd=float("nan")))), "its candidate has no jd"),
        (lambda path: write(path, packet(detection(9, fid=300))), "300"),
    ],
)
def test_a_broken_packet_is_a_failure_with_its_name_and_the_others_are_read(spoil, said: str, tmp_path: Path) -> None:
    write(tmp_path / "good.avro", packet(detection(5), oid="good"))
    write(tmp_path / "zoo" / "good.avro", packet(detection(6), oid="too"))
    spoil(tmp_path / "broken.avro")
    packets = Packets(tmp_path)
    assert packets.files == ("broken.avro", "good.avro", "zoo/good.avro")
    assert packets.active(NIGHT)["oid"].to_pylist() == ["good", "too"]
    ((name, why),) = packets.failures.items()
    assert name == "broken.avro"
    assert said in why


def test_a_folder_without_packets_is_refused_in_one_sentence(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(BadInput, match=r"no alert packets.*STARLOOP_ARCHIVES__PACKETS"):
            Packets(folder)


def test_a_folder_in_which_no_file_is_a_packet_is_no_clouded_night(tmp_path: Path) -> None:
    _not_avro(tmp_path / "a.avro")
    with pytest.raises(
        BadInput, match=r"none of the 1 .* is a ZTF alert packet \(a\.avro: .*STARLOOP_ARCHIVES__PACKETS"
    ):
        Packets(tmp_path).active(NIGHT)


def test_an_object_without_a_packet_by_then_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.avro", packet(detection(5, JD + 1), [detection(4)]))
    for oid in ("ZTF23a", "ZTF00nobody"):
        with pytest.raises(Refused, match="no packet of it from before the end of 2023-10-12"):
            Packets(tmp_path).light_curve(oid, NIGHT)


def test_each_file_is_read_once_though_many_threads_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(5):
        write(tmp_path / f"{n}.avro", packet(detection(n), oid=f"o{n}"))
    read: list[Path] = []
    decode = module._decoded
    monkeypatch.setattr(module, "_decoded", lambda path: read.append(path) or decode(path))
    packets = Packets(tmp_path)
    assert read == []
    with ThreadPoolExecutor(8) as pool:
        curves = list(pool.map(lambda n: packets.light_curve(f"o{n % 5}", NIGHT), range(40)))
    assert [curve.detections["candid"].to_pylist() for curve in curves] == [[str(n % 5)] for n in range(40)]
    assert len(read) == 5


def test_more_packets_than_are_turned_at_once_are_all_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", 3)
    told = [packet(detection(n, JD + n / 100), [limit(JD - n)]) for n in range(7)]
    write(tmp_path / "many.avro", *told[:4])
    for n in (4, 5, 6):
        write(tmp_path / f"{n}.avro", told[n])
    curve = Packets(tmp_path).light_curve("ZTF23a", NIGHT)
    assert curve.detections["candid"].to_pylist() == [str(n) for n in range(7)]
    assert curve.non_detections["mjd"].to_pylist() == [NIGHT.begin - n for n in reversed(range(7))]
