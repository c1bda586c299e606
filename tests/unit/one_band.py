"""Light curves in one band, put together as screening gives them."""

import numpy as np

from starloop.features.screening import Band, Points


def band(*curves: Points) -> Band:
    ends = np.cumsum([0, *(len(points) for points in curves)]).astype(np.int32)
    columns = ([getattr(points, name) for points in curves] for name in ("time", "mag", "err"))
    return Band(ends, Points(*(np.concatenate(column) for column in columns)))
