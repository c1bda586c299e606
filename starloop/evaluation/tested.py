"""Features of a home's test objects at every length, read from the nights they were last seen in."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from starloop.evaluation.intervals import SEED
from starloop.evaluation.lengths import snapshots
from starloop.features.assembly import TABLES
from starloop.features.night import KEYS
from starloop.model.bundle import Classifier
from starloop.model.evaluation import truths
from starloop.nights.calendar import Night
from starloop.nights.store import Home

MOST = 300
"""Objects that are cut: a night's card must stay cheap, and `starloop evaluate` cuts all."""


def cut_short(home: Home, classifier: Classifier, test: pa.Table) -> dict[str, pa.Table]:
    """Give `lengths.snapshots` of at most `MOST` test objects whose class the model knows, with their `label`.

    Parameters
    ----------
    home : Home
        Has the good rows of the nights; those of a night that is not there are left out.
    test : pa.Table
        Labelled test rows of the data set.
    """
    test = test.filter(pa.array(truths(classifier.bundle, test)[0], pa.bool_()))
    if len(test) > MOST:
        test = test.take(np.sort(np.random.default_rng(SEED).choice(len(test), MOST, replace=False)))
    nights = [name for name in test["night"].unique().to_pylist() if home.good(Night.parse(name)).is_dir()]
    parts = [_of_night(home, Night.parse(name), test.filter(pc.field("night") == name)) for name in sorted(nights)]
    lengths = [length for part in parts[:1] for length in part]
    return {length: pa.concat_tables([part[length] for part in parts]) for length in lengths}


def _of_night(home: Home, night: Night, test: pa.Table) -> dict[str, pa.Table]:
    oids = test["oid"].to_pylist()
    tables = {}
    for name in TABLES:
        chosen = [(KEYS[name], "in", oids)] if name in KEYS else None
        tables[name] = pq.read_table(home.good(night) / f"{name}.parquet", filters=chosen)
    found = snapshots(tables, home.raw(night) / "tess")
    labels = test.select(["oid", "label"])
    return {length: features.join(labels, "oid").sort_by("oid") for length, features in found.items()}
