"""Epochs that were read wrong are found by counting them again, and asked for anew."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from starloop.archives.config import Canaries
from starloop.archives.irsa import Irsa
from starloop.archives.rounds import each
from starloop.nights import confirm as module
from starloop.nights.calendar import Night
from starloop.nights.confirm import CONFIRMED, READ, confirm
from starloop.nights.spool import Spool
from starloop.sky.server.host import Served, serving
from starloop.sky.tables import RELEASES
from tests.contract.handmade import handmade
from tests.contract.impatience import struck, within

NIGHT = Night.parse("2021-06-30")
OIDS = [f"ZTF20aaaaa{number:02}" for number in range(40)]
PLACE = {oid: (5.0 * number, 0.5 * number - 10) for number, oid in enumerate(OIDS)}
SOURCES, EPOCHS = 3, 6
NEIGHBOUR = "ZTF20bbbbbbb"
"""An object at the place of the first one, which has no epochs of its own."""
BY_PLACE, BY_NUMBER = (f"/cgi-bin/ZTF/nph_light_curves?{question}=" for question in ("POS", "ID"))


def _epochs(oid: str) -> list[dict[str, Any]]:
    """Give an object's epochs: more of a later source than of an earlier one."""
    ra, dec = PLACE[oid]
    return [
        {"oid": 100 + 10 * OIDS.index(oid) + source, "mjd": 58300.0 + epoch, "expid": 1.0, "catflags": 0}
        | {"filtercode": "zg", "ra": ra, "dec": dec, "query": oid}
        for source in range(SOURCES)
        for epoch in range(EPOCHS + source)
    ]


TRUTH = {oid: pa.Table.from_pylist(_epochs(oid), schema=RELEASES) for oid in OIDS}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    rows = [row for oid in OIDS for row in _epochs(oid)]
    with serving(handmade(tmp_path_factory.mktemp("skies") / "twice", releases=rows), None) as server:
        yield server


@pytest.fixture(autouse=True)
def _good_weather(archive: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("starloop.archives.line._wait", lambda state: 0.0)
    yield
    archive.misbehave([])


@pytest.fixture
def irsa(archive: Served) -> Iterator[Irsa]:
    settings = within(archive.archives, 1.0).model_copy(update={"canaries": Canaries(epochs=PLACE[OIDS[0]])})
    with Irsa(settings) as irsa:
        yield irsa


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with Spool(tmp_path / "answers.sqlite") as spool:
        yield spool


def _read(irsa: Irsa, spool: Spool, oids: list[str]) -> dict[str, str]:
    """Read the epochs of those that have none yet."""
    place = PLACE | {NEIGHBOUR: PLACE[OIDS[0]]}
    return each(
        irsa.line,
        READ,
        oids,
        lambda oid: {"releases": irsa.epochs(oid, *place[oid], NIGHT)},
        spool,
        _quiet,
        irsa.canary,
    )


def _confirm(irsa: Irsa, spool: Spool) -> dict[str, str]:
    return confirm(irsa, spool, NIGHT, _quiet)  # type: ignore[arg-type]


def _quiet(done: int, total: int) -> None:
    """Take progress without showing it."""


def _confirmed(spool: Spool) -> dict[str, pa.Table | None]:
    return {oid: spool.one(CONFIRMED, "releases", oid) for oid in sorted(spool.filled(CONFIRMED, "releases"))}


def test_epochs_that_are_counted_alike_are_confirmed_and_not_counted_again(irsa: Irsa, spool: Spool) -> None:
    assert _read(irsa, spool, OIDS) == {}
    assert _confirm(irsa, spool) == {}
    assert _confirmed(spool) == TRUTH
    asked = irsa.line.tally.requests
    assert _confirm(irsa, spool) == {}
    assert irsa.line.tally.requests == asked


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("route", [BY_PLACE, "irsa"], ids=["by place", "by place and number"])
def test_no_number_of_another_data_release_is_left_and_nothing_is_lost(
    archive: Served, irsa: Irsa, spool: Spool, route: str, seed: int
) -> None:
    archive.misbehave([{"fault": "moved", "route": route, "rate": 0.3, "seed": seed}])
    for _ in range(8):
        assert _read(irsa, spool, OIDS) == {}
        assert _confirm(irsa, spool) == {}
    assert _confirmed(spool) == TRUTH
    assert struck(archive) > 5


@pytest.mark.parametrize("objects", [1, 2])
def test_a_night_of_few_objects_is_asked_for_anew_when_all_of_them_were_read_wrong(
    archive: Served, irsa: Irsa, spool: Spool, objects: int
) -> None:
    archive.misbehave([{"fault": "moved", "route": BY_PLACE, "count": objects}])
    for left in (objects, 0):
        _read(irsa, spool, OIDS[:objects])
        assert _confirm(irsa, spool) == {}
        assert objects - len(_confirmed(spool)) == left
    assert _confirmed(spool) == {oid: TRUTH[oid] for oid in OIDS[:objects]}


def test_answers_that_were_cut_are_found_and_only_they_are_forgotten(archive: Served, irsa: Irsa, spool: Spool) -> None:
    archive.misbehave([{"fault": "row-limit", "route": BY_PLACE, "count": 5, "limit": 8}])
    _read(irsa, spool, OIDS)
    archive.misbehave([])
    asked = irsa.line.tally.requests
    assert _confirm(irsa, spool) == {}
    assert len(spool.known(READ)) == len(_confirmed(spool)) == len(OIDS) - 5
    _read(irsa, spool, OIDS)
    assert _confirm(irsa, spool) == {}
    assert _confirmed(spool) == TRUTH
    assert irsa.line.tally.requests - asked < 5 + 5


@pytest.mark.parametrize("fault", ["empty", "moved"])
def test_a_recount_that_agrees_with_nobody_is_not_believed_at_once(
    archive: Served, irsa: Irsa, spool: Spool, fault: str
) -> None:
    _read(irsa, spool, OIDS)
    archive.misbehave([{"fault": fault, "route": BY_NUMBER, "count": 2}])
    assert _confirm(irsa, spool) == {}
    assert _confirmed(spool) == TRUTH
    assert struck(archive) == 2


def test_a_recount_that_never_agrees_leaves_nothing_confirmed(archive: Served, irsa: Irsa, spool: Spool) -> None:
    _read(irsa, spool, OIDS)
    archive.misbehave([{"fault": "moved", "route": BY_NUMBER, "rate": 1}])
    assert _confirm(irsa, spool) == {}
    assert _confirmed(spool) == {}
    assert spool.known(READ) == set()


def test_what_could_not_be_counted_says_why_and_stays_for_the_next_run(
    archive: Served, irsa: Irsa, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 4 * SOURCES)
    _read(irsa, spool, OIDS)
    archive.misbehave([{"fault": "usage-fault", "route": BY_NUMBER, "count": 2}])
    failures = _confirm(irsa, spool)
    assert len(failures) == 2 * 4
    assert set(failures.values()) == {"status 400: UsageFault: Internal error (invalid TAP query)"}
    assert set(_confirmed(spool)) == set(OIDS) - set(failures)
    assert spool.filled(READ, "releases") == set(failures)
    assert _confirm(irsa, spool) == {}
    assert _confirmed(spool) == TRUTH


@pytest.mark.parametrize(("at_once", "most"), [(1, SOURCES), (2 * SOURCES, 2 * SOURCES), (10_000, len(OIDS) * SOURCES)])
def test_only_so_many_numbers_are_asked_about_at_once(
    irsa: Irsa, spool: Spool, monkeypatch: pytest.MonkeyPatch, at_once: int, most: int
) -> None:
    asked: list[int] = []
    recount = Irsa.recount

    def noted(self: Irsa, numbers: Any, night: Night) -> Any:
        asked.append(len(numbers))
        return recount(self, numbers, night)

    monkeypatch.setattr(module, "AT_ONCE", at_once)
    monkeypatch.setattr(Irsa, "recount", noted)
    _read(irsa, spool, OIDS)
    assert _confirm(irsa, spool) == {}
    assert (max(asked), sum(asked)) == (most, len(OIDS) * SOURCES)


def test_neighbours_may_share_their_epochs(irsa: Irsa, spool: Spool) -> None:
    _read(irsa, spool, [OIDS[0], NEIGHBOUR])
    assert _confirm(irsa, spool) == {}
    both = _confirmed(spool)
    assert set(both) == {OIDS[0], NEIGHBOUR}
    assert {oid: table.drop_columns("query") for oid, table in both.items() if table} == dict.fromkeys(
        both, TRUTH[OIDS[0]].drop_columns("query")
    )


def test_an_object_without_epochs_has_nothing_to_confirm(irsa: Irsa, spool: Spool) -> None:
    spool.put(READ, OIDS[0], {})
    assert _confirm(irsa, spool) == {}
    assert irsa.line.tally.requests == 0
