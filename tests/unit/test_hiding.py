"""What is hidden of training rows, so that a missing column does not tell the class."""

import numpy as np

from starloop.features import schema
from starloop.features.blocks import BLOCKS
from starloop.model.boosting import Rows
from starloop.model.hiding import hide

NAMES = list(schema.NAMES)
OF_ALERTS = [name for block in BLOCKS if not block.beside for name in block.names]


def rows(positions: int = 3_000) -> Rows:
    """Two rows a position, nothing missing."""
    group = np.repeat(np.arange(positions), 2)
    return Rows(np.ones((len(group), len(NAMES)), dtype=np.float32), np.zeros_like(group), group, NAMES, 1)


def test_alert_photometry_is_never_hidden() -> None:
    shown = hide(rows(10), 1.0).features
    assert {name for name, column in zip(NAMES, shown.T, strict=True) if np.isfinite(column).any()} == set(OF_ALERTS)


def test_the_share_of_the_positions_is_hidden_of_each_source_by_itself() -> None:
    gone = np.isnan(hide(rows(), 0.33).features)
    of = {block.beside: gone[:, NAMES.index(block.names[0])] for block in BLOCKS if block.beside}
    assert len(of) == 5
    assert all(abs(hidden.mean() - 0.33) < 0.05 for hidden in of.values())
    assert abs((of["releases"] & of["tess"]).mean() - 0.33**2) < 0.04


def test_a_position_hides_the_same_of_all_its_rows_whatever_else_is_there() -> None:
    whole = hide(rows(), 0.5).features
    assert np.array_equal(whole[::2], whole[1::2], equal_nan=True)
    assert np.array_equal(hide(rows(5), 0.5).features, whole[:10], equal_nan=True)


def test_nothing_is_hidden_of_a_share_of_nothing() -> None:
    assert np.array_equal(hide(rows(10), 0.0).features, rows(10).features)
