"""What a constant answer is worth: the floor a first champion has to beat."""

import numpy as np
import pytest

from starloop.model.evaluation import _constant, macro_f1


def test_always_answering_the_commonest_class_is_worth_its_f1_shared_among_the_classes() -> None:
    confusion = np.array([[23, 3, 2], [1, 0, 1], [1, 0, 2]])
    constant = _constant(confusion)
    assert constant.tolist() == [[28, 0, 0], [2, 0, 0], [3, 0, 0]]
    assert macro_f1(constant) == pytest.approx(2 * 28 / (28 + 33) / 3, abs=1e-6)
