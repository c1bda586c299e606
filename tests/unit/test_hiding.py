"""What is hidden of training rows, so that a missing column does not tell the class."""

import numpy as np

from starloop.features import schema
from starloop.features.blocks import BLOCKS
from starloop.model.hiding import hidden

NAMES = list(schema.NAMES)
GROUP = np.repeat(np.arange(3_000), 2)
FULL = np.ones((len(GROUP), len(NAMES)), dtype=np.float32)
OF_ALERTS = [name for block in BLOCKS if not block.beside for name in block.names]


def test_alert_photometry_is_never_hidden() -> None:
    shown = hidden(FULL, NAMES, GROUP, 1.0)
    kept = {name for name, column in zip(NAMES, shown.T, strict=True) if np.isfinite(column).any()}
    assert kept == set(OF_ALERTS)


def test_the_share_of_the_positions_is_hidden_of_each_source_by_itself() -> None:
    gone = np.isnan(hidden(FULL, NAMES, GROUP, 0.33))
    of = {block.beside: gone[:, NAMES.index(block.names[0])] for block in BLOCKS if block.beside}
    assert len(of) == 5
    assert all(abs(rows.mean() - 0.33) < 0.05 for rows in of.values())
    assert abs((of["releases"] & of["tess"]).mean() - 0.33**2) < 0.04


def test_a_position_hides_the_same_of_all_its_rows_whatever_else_is_there() -> None:
    whole = hidden(FULL, NAMES, GROUP, 0.5)
    assert np.array_equal(whole[::2], whole[1::2], equal_nan=True)
    assert np.array_equal(hidden(FULL[:10], NAMES, GROUP[:10], 0.5), whole[:10], equal_nan=True)


def test_nothing_is_hidden_of_a_share_of_nothing() -> None:
    assert np.array_equal(hidden(FULL, NAMES, GROUP, 0.0), FULL)
