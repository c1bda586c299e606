"""Probabilities that mean what they say: what a model's version keeps of its calibration, and how it is applied."""

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

Reals = NDArray[np.float64]
Ints = NDArray[np.int64]


class Calibration(BaseModel):
    """A line a class in the logarithm of the booster's probabilities.

    One scale for all classes and no offsets is temperature scaling; a scale and an offset a class is vector scaling.
    The offsets also undo what the class weights of the training added to the rare classes.

    References
    ----------
    Guo et al. 2017, doi:10.48550/arXiv.1706.04599
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: str
    """``temperature``, or ``vector`` and the shrinkage it was fitted with."""
    scales: list[float] = Field(min_length=2)
    offsets: list[float]

    @model_validator(mode="after")
    def _one_each(self) -> "Calibration":
        if len(self.scales) != len(self.offsets):
            raise ValueError(f"{len(self.scales)} scales and {len(self.offsets)} offsets are not one a class")
        return self

    def applied(self, probabilities: Reals) -> Reals:
        """Calibrate.

        Parameters
        ----------
        probabilities : ndarray, shape (n, classes)
            The booster's; rows that sum to one.

        Returns
        -------
        ndarray, shape (n, classes)
            Rows that sum to one.
        """
        return softmax(logarithm(probabilities) * np.array(self.scales) + np.array(self.offsets))


def logarithm(probabilities: Reals) -> Reals:
    """Give the natural logarithm, finite also where the booster's float32 has come to nought."""
    result: Reals = np.log(np.clip(probabilities, np.finfo(np.float32).tiny, None))
    return result


def softmax(logits: Reals) -> Reals:
    """Give probabilities, shape (n, classes): rows that sum to one."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
    result: Reals = powers / powers.sum(axis=1, keepdims=True)
    return result
