"""Scenarios are read from text, and refused in a sentence."""

import pytest

from starloop.errors import BadInput
from starloop.nights.calendar import Night
from starloop.sky.simulator.scenario import ANSWERS, Scenario, parse
from starloop.sky.simulator.write import make_sky

TURN = Night.parse("2020-06-20")


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_scenario_is_read_from_what_it_is_written_as(kind):
    assert parse(str(Scenario(kind, TURN))) == Scenario(kind, TURN)


@pytest.mark.parametrize("wrong", ["population", "earthquake:2020-06-20", "population:June", ""])
def test_another_text_is_refused(wrong):
    with pytest.raises(BadInput):
        parse(wrong)


def test_an_unknown_scenario_is_told_the_known_ones():
    with pytest.raises(BadInput, match="bad-night, cadence, data-release"):
        parse("earthquake:2020-06-20")


@pytest.mark.parametrize("night", ["2021-01-01", "2020-01-01", "2019-12-31"])
def test_a_scenario_outside_the_sky_is_refused(tmp_path, night):
    with pytest.raises(BadInput, match="choose a night after 2020-01-01 up to 2020-06-30"):
        make_sky(tmp_path / "sky", objects=100, seed=1, scenarios=[Scenario("population", Night.parse(night))])
    assert not list(tmp_path.iterdir())


def test_a_scenario_named_twice_is_refused(tmp_path):
    with pytest.raises(BadInput, match="twice"):
        make_sky(tmp_path / "sky", objects=100, seed=1, scenarios=[Scenario("depth", TURN)] * 2)
