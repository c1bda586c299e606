"""The DVC stages: ``python -m starloop.stages NAME`` in a sky's home.

A stage that fails leaves its sentence in ``stage_error.json``, so that the flow which started DVC
can raise the same error again.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starloop import pipeline
from starloop.errors import StarloopError
from starloop.nights.calendar import Night
from starloop.nights.store import Home, write_json


def ingest(home: Home, night: Night, facts: dict[str, Any]) -> None:
    """Fetch the night, or find it sealed; what a sealed night still lacks is not for a stage to ask for."""
    from starloop import workspace
    from starloop.nights.ingest import check_seal
    from starloop.nights.ingest import ingest as fetch
    from starloop.nights.progress import silent

    if home.raw(night).exists():
        check_seal(home, night)
        return
    place = workspace.current()
    with place.archives(night) as archives:
        fetch(home, night, place.name, archives, silent)


def check(home: Home, night: Night, facts: dict[str, Any]) -> None:
    """Sort the night's rows into good and quarantined."""
    from starloop.checks.run import check as run

    run(home, night)


def features(home: Home, night: Night, facts: dict[str, Any]) -> None:
    """Bring the features of every night up to date."""
    from starloop.features.partitions import update

    update(home, night)


def dataset(home: Home, night: Night, facts: dict[str, Any]) -> None:
    """Join the newest features of every object with its label."""
    from starloop.model.dataset import build
    from starloop.nights.store import write_table

    write_table(build(home, night, pipeline.params(home).dataset), home.dataset)


def train(home: Home, night: Night, facts: dict[str, Any]) -> None:
    """Train a challenger on the dataset."""
    from starloop.model.training import train as fit

    fit(home, pipeline.params(home).train, facts)


def evaluate(home: Home, night: Night, facts: dict[str, Any]) -> None:
    """Score the challenger on the objects it has not seen, and write its card."""
    from starloop.evaluation.stage import write

    write(home)


STAGES: dict[str, Callable[[Home, Night, dict[str, Any]], None]] = {
    stage.__name__: stage for stage in (ingest, check, features, dataset, train, evaluate)
}


def main() -> int:
    """Run one stage in the working directory and give the exit code."""
    home = Home(Path.cwd())
    facts = pipeline.facts(home)
    try:
        STAGES[sys.argv[1]](home, Night.parse(facts["night"]), facts)
    except StarloopError as wrong:
        write_json({"error": type(wrong).__name__, "message": str(wrong)}, home.root / "stage_error.json")
        print(wrong, file=sys.stderr)
        return wrong.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
