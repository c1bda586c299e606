"""A place on the sky is on one side of the split, for ever."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from starloop.model.splits import groups, is_test


@given(st.lists(st.integers(0, 12 * 1024**2 - 1), min_size=1, unique=True), st.integers(0, 2**31))
def test_a_side_depends_on_nothing_else_in_the_data_set(pixels: list[int], seed: int) -> None:
    all_of_them = np.array(pixels)
    side = dict(zip(pixels, is_test(all_of_them, 0.25).tolist(), strict=True))
    some = np.random.default_rng(seed).choice(all_of_them, size=2 * len(pixels))
    assert is_test(some, 0.25).tolist() == [side[pixel] for pixel in some.tolist()]
    assert not np.any(is_test(all_of_them, 0.25) & ~is_test(all_of_them, 0.4))


def test_a_quarter_of_the_sky_is_tested_on() -> None:
    assert abs(is_test(np.arange(40_000), 0.25).mean() - 0.25) < 0.01


def test_the_split_is_frozen() -> None:
    assert np.flatnonzero(is_test(np.arange(12), 0.25)).tolist() == [8, 9]


def test_two_identifiers_of_one_star_are_in_one_group() -> None:
    ra, dec = np.array([150.1, 150.1001]), np.array([20.2, 20.2001])
    assert len(set(groups(ra, dec).tolist())) == 1
    assert groups(np.array([0.0, 90.0]), np.array([0.0, 45.0])).tolist() == [4980736, 1751722]
