"""A small simulated sky with two scored nights, and the endpoint and the desk that show it."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from starloop.endpoint import switch
from starloop.evaluation.stage import write
from starloop.features import partitions
from starloop.model.dataset import build
from starloop.model.params import DatasetParams, TrainParams
from starloop.model.score import score
from starloop.model.training import train
from starloop.nights.calendar import Night
from starloop.nights.ingest import ingest
from starloop.nights.progress import silent
from starloop.nights.store import Home, write_table
from starloop.pages.process import HEALTH
from starloop.settings import Ports, Settings
from starloop.sky.simulator.write import make_sky
from starloop.workspace import Workspace

BEFORE, LAST = Night.parse("2020-06-26"), Night.parse("2020-06-30")
OBJECTS, SEED = 500, 2
"""A hundred of them are seen in a night: enough for ten classes and a table worth sorting."""
KNOBS = TrainParams(rounds=40, min_labels=5)
READY_S = 60.0


def made(folder: Path) -> Workspace:
    """Make the sky and its home: two nights, fetched and scored, and a champion; checks and DVC are left out."""
    sky = make_sky(folder / "sky", objects=OBJECTS, seed=SEED, name="small", tess=4)
    settings = Settings(sky=str(sky.folder), ports=Ports(endpoint=0), git_revision="0" * 40)
    place = Workspace(settings, sky, Home(folder / "home"))
    home = place.home
    for night in (BEFORE, LAST):
        with place.archives(night) as archives:
            ingest(home, night, place.name, archives, silent)
        shutil.copytree(home.raw(night), home.good(night))
        partitions.update(home, night)
    write_table(build(home, LAST, DatasetParams()), home.dataset)
    facts = {"night": str(LAST), "sky": place.name, "origin": place.origin, "git_revision": place.revision()}
    train(home, KNOBS, facts)
    write(home)
    registry = place.registry()
    version = registry.register(home.model, home.evaluation)
    registry.promote(version, None, "the first champion", "starloop")
    found = place.champion()
    assert found
    for night in (BEFORE, LAST):
        score(home, night, found[1], version)
    return place


@contextmanager
def standing(folder: Path) -> Iterator[tuple[Workspace, str]]:
    """Make the home and have its endpoint and desk run; give it and their one address."""
    place = made(folder)
    try:
        champion = place.registry().champion()
        assert champion
        url = place.serve(champion).url
        _await(f"{url}{HEALTH}")
        yield place, url
    finally:
        switch.stop(place.home)


def _await(url: str) -> None:
    deadline = time.monotonic() + READY_S
    while httpx.get(url).status_code != 200:
        assert time.monotonic() < deadline, f"{url} does not answer within {READY_S:g} s"
        time.sleep(0.2)
