"""Alert packets: what they tell becomes rows once, in whatever packets and order it is told."""

import itertools
import math
import tempfile
from pathlib import Path
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from starloop.archives.alerce import LISTED
from starloop.archives.packet_rows import FORCED
from starloop.archives.packets import Packets
from starloop.nights.calendar import Night
from starloop.sky.tables import DETECTIONS, NON_DETECTIONS
from tests.unit.packet_files import JD, NIGHT, SCHEMAS, Row, detection, epoch, limit, packet, write


def _tables(folder: Path, oid: str = "ZTF23a", night: Night = NIGHT) -> tuple[list[Row], list[Row]]:
    curve = Packets(folder).light_curve(oid, night)
    assert curve.detections.schema.equals(DETECTIONS)
    assert curve.non_detections.schema.equals(NON_DETECTIONS)
    return curve.detections.to_pylist(), curve.non_detections.to_pylist()


@pytest.mark.parametrize(("version", "codec"), itertools.product(SCHEMAS, ("null", "deflate", "snappy")))
def test_a_packet_becomes_rows_whatever_its_schema_and_codec(version: str, codec: str, tmp_path: Path) -> None:
    told = packet(detection(7, drb=0.875), [limit(JD - 2), detection(5, JD - 1, magpsf=19.25, isdiffpos="f")])
    write(tmp_path / "deep" / "er" / "7.avro", told, version=version, codec=codec)
    detections, limits = _tables(tmp_path)
    given = {"oid": "ZTF23a", "fid": 1, "sigmapsf": 0.125, "rb": 0.75, "distnr": 0.5, "diffmaglim": 20.5}
    given |= {"ra": 10.0, "dec": 20.0, "corrected": False, "dubious": None}
    given |= dict.fromkeys(("magpsf_corr", "sigmapsf_corr", "sigmapsf_corr_ext"))
    assert detections == [
        given | {"candid": "5", "mjd": NIGHT.begin - 1, "magpsf": 19.25, "isdiffpos": -1.0, "drb": None},
        given | {"candid": "7", "mjd": NIGHT.begin, "magpsf": 18.5, "isdiffpos": 1.0, "drb": 0.875},
    ]
    assert limits == [{"oid": "ZTF23a", "mjd": NIGHT.begin - 2, "fid": 1, "diffmaglim": 20.25}]


def test_a_detection_told_by_many_packets_is_one_as_its_own_packet_tells_it(tmp_path: Path) -> None:
    own = packet(detection(5, JD, magpsf=18.0625, drb=0.5))
    later = [packet(detection(n, JD + n / 100), [detection(5, JD, magpsf=18.0)]) for n in (6, 7)]
    for name, told in zip("bac", [own, *later], strict=True):
        write(tmp_path / f"{name}.avro", told)
    detections, _ = _tables(tmp_path)
    assert [(row["candid"], row["magpsf"], row["drb"]) for row in detections] == [
        ("5", 18.0625, 0.5),
        ("6", 18.5, None),
        ("7", 18.5, None),
    ]


def test_a_limit_told_by_many_packets_is_one_though_their_jd_differ_in_the_last_bit(tmp_path: Path) -> None:
    jd = 2460201.9403125
    for n, told in enumerate((jd, math.nextafter(jd, 0.0), math.nextafter(jd, math.inf))):
        write(tmp_path / f"{n}.avro", packet(detection(n, JD + n / 100), [limit(told)]))
    _, limits = _tables(tmp_path)
    assert [row["mjd"] for row in limits] == [60201.4403125]


def test_a_detection_without_a_magnitude_is_left_to_the_checks_and_is_no_limit(tmp_path: Path) -> None:
    write(tmp_path / "a.avro", packet(detection(6), [detection(5, JD - 1, magpsf=float("nan"))]))
    detections, limits = _tables(tmp_path)
    assert [(row["candid"], row["magpsf"]) for row in detections] == [("5", None), ("6", 18.5)]
    assert limits == []


def test_marks_of_a_missing_value_become_null_and_signs_become_numbers(tmp_path: Path) -> None:
    signs = {"t": 1.0, "1": 1.0, "f": -1.0, "0": -1.0, "?": None}
    history = [detection(n, JD - 1 + n / 100, isdiffpos=sign) for n, sign in enumerate(signs)]
    marked = detection(9, rb=-999.0, distnr=-99999.0, drb=float("nan"), sigmapsf=-999.0)
    write(tmp_path / "a.avro", packet(marked, history))
    *earlier, own = _tables(tmp_path)[0]
    assert [row["isdiffpos"] for row in earlier] == list(signs.values())
    assert [own[name] for name in ("rb", "distnr", "drb", "sigmapsf")] == [None] * 4


def test_the_objects_of_a_night_are_those_with_an_alert_in_it(tmp_path: Path) -> None:
    for n, (oid, jd) in enumerate([("z", JD), ("a", JD + 0.99), ("before", JD - 0.01), ("after", JD + 1)]):
        write(tmp_path / f"{n}.avro", packet(detection(n, jd), [detection(100 + n, jd - 5)], oid))
    listed = Packets(tmp_path).active(NIGHT)
    assert listed.schema.equals(LISTED)
    assert [(row["oid"], row["tic"], row["ndet"]) for row in listed.to_pylist()] == [("a", None, 2), ("z", None, 2)]
    assert Packets(tmp_path).active(NIGHT.back(100)).num_rows == 0


def test_a_position_is_the_mean_of_the_detections_also_across_zero_degrees(tmp_path: Path) -> None:
    places = [(359.9998, -1.0), (0.0001, -2.0), (0.0004, -3.0)]
    *history, own = [detection(n, JD + n / 100, ra=ra, dec=dec) for n, (ra, dec) in enumerate(places)]
    write(tmp_path / "a.avro", packet(own, [*history, limit(JD - 1)]))
    (only,) = Packets(tmp_path).active(NIGHT).to_pylist()
    assert only["ra"] == pytest.approx(0.0001, abs=1e-9)
    assert only["dec"] == pytest.approx(-2.0)


def test_packets_of_later_nights_change_nothing(tmp_path: Path) -> None:
    told = {"fp_hists": [epoch(JD - 2)]}
    write(tmp_path / "a.avro", packet(detection(5), [limit(JD - 1)], **told))
    before = Packets(tmp_path)
    again = [detection(5, magpsf=18.0), limit(JD - 3), limit(JD - 1, diffmaglim=19.0)]
    late = {"fp_hists": [epoch(JD - 2, forcediffimflux=1.0), epoch(JD - 1)]}
    write(tmp_path / "b.avro", packet(detection(6, JD + 1, ra=11.0), again, **late))
    after = Packets(tmp_path)
    assert after.active(NIGHT).equals(before.active(NIGHT))
    assert after.light_curve("ZTF23a", NIGHT) == before.light_curve("ZTF23a", NIGHT)
    assert after.forced("ZTF23a", NIGHT).equals(before.forced("ZTF23a", NIGHT))
    assert after.forced("ZTF23a", Night.at(NIGHT.end)).num_rows == 2


def test_forced_photometry_is_told_once_and_an_exposure_may_lie_in_two_readout_channels(tmp_path: Path) -> None:
    history = [epoch(JD - 2), epoch(JD - 2, rcid=1, forcediffimflux=-999.0), epoch(JD - 3, fid=2)]
    write(tmp_path / "a.avro", packet(detection(5), fp_hists=history))
    moved = [epoch(JD - 2, forcediffimflux=251.0)]
    write(tmp_path / "b.avro", packet(detection(6, JD + 0.01, ra=10.5), fp_hists=moved))
    rows = Packets(tmp_path).forced("ZTF23a", NIGHT)
    assert rows.schema.equals(FORCED)
    shown = ["mjd", "fid", "rcid", "forcediffimflux", "ra", "programid", "procstatus"]
    assert [tuple(row.values()) for row in rows.select(shown).to_pylist()] == [
        (NIGHT.begin - 3, 2, 0, 250.0, 10.0, 1, "0"),
        (NIGHT.begin - 2, 1, 0, 250.0, 10.0, 1, "0"),
        (NIGHT.begin - 2, 1, 1, -999.0, 10.0, 1, "0"),
    ]


def test_forced_photometry_that_could_not_be_done_is_null(tmp_path: Path) -> None:
    undone = epoch(JD - 1, forcediffimflux=-99999.0, forcediffimfluxunc=-99999.0, magnr=-99999.0, procstatus="61")
    write(tmp_path / "a.avro", packet(detection(5), fp_hists=[undone]))
    (row,) = Packets(tmp_path).forced("ZTF23a", NIGHT).to_pylist()
    assert [row[name] for name in ("forcediffimflux", "forcediffimfluxunc", "magnr")] == [None] * 3
    assert row["procstatus"] == "61"


def test_packets_of_schema_3_have_no_forced_photometry(tmp_path: Path) -> None:
    write(tmp_path / "a.avro", packet(detection(5)), version="3.3")
    assert Packets(tmp_path).forced("ZTF23a", NIGHT).num_rows == 0


@st.composite
def _split(draw: st.DrawFn) -> tuple[dict[str, dict[str, list[Row]]], list[Row]]:
    """Draw what happened to a few objects, and packets that tell all of it, in any order, more or less often."""
    happened: dict[str, dict[str, list[Row]]] = {}
    packets: list[Row] = []
    for number in range(draw(st.integers(1, 3))):
        steps = draw(st.lists(st.integers(1, 300), min_size=1, max_size=12, unique=True))
        cut = draw(st.integers(1, len(steps)))
        tonight = [JD + step / 1000 for step in steps[:cut]]
        earlier = [JD - step / 10 for step in steps[cut:]]
        rows = happened[f"o{number}"] = {
            "detections": [
                detection(100 * number + n, jd, fid=1 + n % 3, magpsf=18 + n / 8, ra=n / 1000)
                for n, jd in enumerate(tonight)
            ],
            "limits": [limit(jd, fid=1 + n % 3, diffmaglim=20 + n / 8) for n, jd in enumerate(earlier)],
            "forced": [epoch(jd, fid=1 + n % 3, forcediffimflux=float(n)) for n, jd in enumerate(earlier + tonight)],
        }
        owners = draw(st.lists(st.sampled_from(rows["detections"]), min_size=1, max_size=5))
        own = [packet(owner, [], f"o{number}", fp_hists=[]) for owner in owners]
        for part, tellers in (("prv_candidates", ("detections", "limits")), ("fp_hists", ("forced",))):
            for row in (row for teller in tellers for row in rows[teller]):
                for index in draw(st.sets(st.integers(0, len(own) - 1), min_size=1)):
                    own[index][part].append(row)
            for one in own:
                one[part] = draw(st.permutations(one[part])) or None
        packets += own
    return happened, draw(st.permutations(packets))


@settings(max_examples=40, deadline=None)
@given(_split())
def test_any_split_over_packets_in_any_order_gives_the_same_tables(drawn) -> None:
    happened, told = drawn
    with tempfile.TemporaryDirectory() as folder:
        for n, one in enumerate(told):
            write(Path(folder, *["deeper"] * (n % 3), f"{n}.avro"), one)
        packets = Packets(Path(folder))
        assert [(row["oid"], row["ndet"], row["ra"]) for row in packets.active(NIGHT).to_pylist()] == [
            (oid, len(rows["detections"]), pytest.approx(mean(row["ra"] for row in rows["detections"])))
            for oid, rows in happened.items()
        ]
        for oid, rows in happened.items():
            curve = packets.light_curve(oid, NIGHT)
            for table, column, expected in (
                (curve.detections, "magpsf", rows["detections"]),
                (curve.non_detections, "diffmaglim", rows["limits"]),
                (packets.forced(oid, NIGHT), "forcediffimflux", rows["forced"]),
            ):
                assert [tuple(row.values()) for row in table.select(["oid", "mjd", "fid", column]).to_pylist()] == [
                    (oid, _mjd(row), row["fid"], row[column]) for row in sorted(expected, key=_mjd)
                ]
        assert packets.failures == {}


def _mjd(row: Row) -> float:
    return round(row["jd"] - 2400000.5, 7)
