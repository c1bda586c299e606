"""How right the champion has been about objects whose labels came after its training."""

import pyarrow as pa

from starloop.drift.seen import Measure


def performance(labelled: pa.Table, accuracy: float, fewest: int) -> Measure:
    """Measure the fall of the accuracy, from the champion's test rows to the labels that have arrived since.

    Parameters
    ----------
    labelled : pa.Table
        ``truth`` and ``answer`` of a night's objects whose label was first known after the champion was trained.
    accuracy : float
        The champion's on its test rows.
    fewest : int
        Labels that are needed.
    """
    n = labelled.num_rows
    if n < fewest:
        return Measure("accuracy lost", "new labels", "performance", None, 0.0, n)
    right = sum(map(str.__eq__, labelled["truth"].to_pylist(), labelled["answer"].to_pylist())) / n
    return Measure("accuracy lost", "new labels", "performance", accuracy - right, (right * (1 - right) / n) ** 0.5, n)
