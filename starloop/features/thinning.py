"""Light curves so long that a part of their points tells the same."""

import numpy as np
import numpy.typing as npt

_GOLDEN = (5**0.5 - 1) / 2


def ranks(count: int, most: int) -> npt.NDArray[np.intp]:
    """Choose at most so many of a light curve's points, evenly over their order, the first and the last among them.

    Within its stride the place of a point moves by the golden ratio: evenly sampled points, every so-manyth of them,
    would be evenly sampled too, and show an alias of a short period as well as the period.
    """
    if count <= most:
        return np.arange(count)
    number, stride = np.arange(most), count / most
    chosen = np.floor(number * stride + (number * _GOLDEN % 1.0) * (stride - 1.0)).astype(np.intp)
    chosen[-1] = count - 1
    return chosen
