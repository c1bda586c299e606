"""Nights are UTC dates."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from starloop.errors import BadInput
from starloop.nights.calendar import Night


def test_the_night_of_2020_march_1_begins_at_mjd_58909() -> None:
    night = Night.parse("2020-03-01")
    assert (night.begin, night.end) == (58909.0, 58910.0)


@given(st.dates(min_value=dt.date(1900, 1, 2)))
def test_a_night_is_the_night_of_its_first_mjd_but_not_of_its_end(date: dt.date) -> None:
    night = Night(date)
    assert Night.at(night.begin) == night
    assert Night.at(night.begin - 1e-6) == night.back(1)
    assert Night.parse(str(night)) == night


@pytest.mark.parametrize("text", ["", "2020-02-30", "yesterday", "58909", "2020/03/01"])
def test_anything_but_a_date_is_bad_input_that_says_how_to_write_one(text: str) -> None:
    with pytest.raises(BadInput, match="YYYY-MM-DD"):
        Night.parse(text)


def test_nights_are_walked_in_order_and_both_ends_belong() -> None:
    first, last = Night.parse("2020-02-28"), Night.parse("2020-03-01")
    assert [str(night) for night in first.until(last)] == ["2020-02-28", "2020-02-29", "2020-03-01"]
    assert list(last.until(first)) == []
