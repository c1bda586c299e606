"""The test that matters: a classifier that has only seen the simulated sky, asked about the recorded one."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from starloop.features import schema
from starloop.features.curves import REQUIRED
from starloop.features.extract import extract
from starloop.features.photometry import light_curves
from starloop.model.bundle import Classifier
from starloop.model.dataset import labelled
from starloop.model.evaluation import evaluate
from starloop.model.labels import labels
from starloop.model.params import DatasetParams, TrainParams
from starloop.model.splits import groups, is_test
from starloop.model.training import fit
from starloop.sky.tables import Sky

_FEWEST_POINTS = 5


@dataclass(frozen=True)
class Transfer:
    """What came of it; the two are `starloop.model.evaluation.evaluate`'s answers.

    Parameters
    ----------
    light_curves : str
        ``alerts`` or ``releases``: which photometry both skies were seen in.
    at_home : dict
        On simulated objects that were not trained on.
    abroad : dict
        On the recorded ones.
    """

    light_curves: str
    at_home: dict[str, Any]
    abroad: dict[str, Any]


def transfer(simulated: Sky, recorded: Sky, folder: Path) -> list[Transfer]:
    """Train on the simulated sky alone and score on the recorded labelled objects of the classes it knows.

    Once with the light curves of alerts and once with those of data releases, because a recorded object has
    only one of the two.

    Parameters
    ----------
    folder : Path
        Where the models go.
    """
    ways = {"alerts": _alerts, "releases": _epochs}
    results = []
    for name, curves in ways.items():
        known, asked = dataset(simulated, curves(simulated)), dataset(recorded, curves(recorded))
        facts = {
            "night": "whole",
            "sky": simulated.name,
            "origin": simulated.origin,
            "git_revision": "",
            "dataset_md5": "",
            "feature_schema": schema.digest(),
        }
        classifier = Classifier.load(fit(known, TrainParams(), facts, folder / name))
        everything = asked.filter(pc.is_valid(asked["label"]))
        at_home = evaluate(classifier, labelled(known, "test"))
        results.append(Transfer(name, at_home, evaluate(classifier, everything)))
    return results


def dataset(sky: Sky, curves: pa.Table) -> pa.Table:
    """Join the features of whole light curves with places and labels, as `starloop.model.dataset.build` does."""
    curves = curves.filter(pc.greater_equal(pc.list_value_length(curves["mjd"]), _FEWEST_POINTS))
    features = extract(curves, n_jobs=2)
    joined = features.join(sky.read("objects").select(["oid", "ra", "dec"]), "oid", join_type="inner")
    joined = joined.join(labels(sky.read("catalogues")), "oid").sort_by("oid").combine_chunks()
    group = groups(joined["ra"].to_numpy(), joined["dec"].to_numpy())
    n = len(joined)
    return pa.table(
        {
            "oid": joined["oid"],
            "night": pa.repeat("whole", n),
            "ra": joined["ra"],
            "dec": joined["dec"],
            "group": pa.array(group),
            "split": pa.array(np.where(is_test(group, DatasetParams().test_share), "test", "train"), pa.string()),
            "label": joined["label"],
            "catalogue": joined["catalogue"],
            "entry": joined["entry"],
            "type": joined["type"],
            "distance": pa.nulls(n, pa.float64()),
            "since": pa.repeat("whole", n),
            "conflicts": pc.fill_null(joined["conflicts"], 0),
            "others": joined["others"],
            **{name: joined[name] for name in features.column_names if name != "oid"},
        }
    )


def _alerts(sky: Sky) -> pa.Table:
    return light_curves(sky.read("detections"))


def _epochs(sky: Sky) -> pa.Table:
    """Make a light curve of every object's unflagged data-release epochs."""
    rows = sky.read("releases")
    rows = rows.filter(pc.and_(pc.equal(rows["catflags"], 0), pc.is_valid(rows["mag"])))
    rows = rows.sort_by([("query", "ascending"), ("mjd", "ascending")])
    runs = pc.run_end_encode(rows["query"].combine_chunks())
    offsets = pa.array(np.concatenate([[0], runs.run_ends.to_numpy()]).astype(np.int32))
    band = pc.utf8_slice_codeunits(rows["filtercode"], 1, 2)
    columns = [rows["mjd"], rows["mag"], rows["magerr"], band]
    lists = [pa.ListArray.from_arrays(offsets, column.combine_chunks()) for column in columns]
    return pa.table([pa.array(runs.values), *lists], schema=REQUIRED)
