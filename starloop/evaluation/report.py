"""docs/evaluation.md: how good the classifier is, on a recorded sky and on the embedded one."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from starloop.evaluation import bar, plots
from starloop.evaluation.answers import Answers
from starloop.evaluation.bar import Condition
from starloop.evaluation.figures import Calibration, Headline, calibrated, headline
from starloop.evaluation.labelled import labelled
from starloop.evaluation.lengths import DAYS
from starloop.evaluation.rendering import markdown
from starloop.evaluation.row_split import LENGTHS, gap
from starloop.evaluation.sample import Sample, sample
from starloop.evaluation.study import Study, study
from starloop.evaluation.time_forward import time_forward
from starloop.features.schema import NAMES
from starloop.model.splits import is_test
from starloop.params import Params
from starloop.sky.tables import Sky

STEPS = 2 * (len(DAYS) + 1 + bar.FOLDS) + 2
"""How often `write` tells of progress."""


@dataclass(frozen=True)
class Side:
    """The figures of some positions."""

    headline: Headline
    calibration: Calibration


def write(
    recorded: Sky, embedded: Sky, knobs: Params, page: Path, command: str, told: Callable[[], None]
) -> list[Condition]:
    """Measure, write the page and its pictures, and give the bar's conditions.

    Parameters
    ----------
    recorded, embedded : Sky
        The sky with the bar, and the one with all classes.
    knobs : Params
        Those of params.yaml; nothing here chooses them.
    page : Path
        A Markdown file; the pictures go into ``pictures/`` in its folder.
    command : str
        What makes the page, for the page to say.
    told : callable
        Called `STEPS` times.

    Raises
    ------
    BadInput
        When the recorded sky has too few objects of a class.
    """
    params = knobs.train
    classes = bar.objects(recorded)
    objects = sample(recorded, classes, list(bar.CLASSES), told)
    held = study(objects, params, bar.FOLDS, told)
    forward = time_forward(objects, params)
    told()
    difference = gap(objects, params.model_copy(update={"rounds": _rounds(held)}))
    told()
    known = labelled(embedded, params, bar.FOLDS)
    simulated = study(sample(embedded, known.class_of, known.order, told), params, bar.FOLDS, told)
    _draw(held, simulated, page.parent / "pictures")
    met = bar.conditions(held.answers)
    text = markdown(
        "report.md",
        {
            "command": command,
            "recorded": recorded,
            "embedded": embedded,
            "params": params.model_dump(),
            "features": len(NAMES),
            "fewest": bar.FEWEST_DETECTIONS,
            "folds": bar.FOLDS,
            "types": bar.types(),
            "conditions": met,
            "held": held,
            "sides": _sides(objects, held.answers, knobs.dataset.test_share),
            "test_share": knobs.dataset.test_share,
            "forward": forward,
            "gap": difference,
            "lengths": LENGTHS,
            "simulated": simulated,
            "known": known,
        },
    )
    page.write_text(text, encoding="utf-8")
    return met


def _sides(objects: Sample, answers: Answers, share: float) -> dict[str, Side]:
    """Part the objects into those at training positions and those at test positions."""
    tested = is_test(objects.group, share)
    parts = {"training": ~tested, "test": tested}
    return {
        name: Side(headline(answers.only(part)), calibrated(answers.only(part)))
        for name, part in parts.items()
        if part.any()
    }


def _rounds(held: Study) -> int:
    """Give the median of the folds' boosting rounds."""
    return sorted(fold.learned.rounds for fold in held.folds)[len(held.folds) // 2]


def _draw(held: Study, simulated: Study, pictures: Path) -> None:
    pictures.mkdir(parents=True, exist_ok=True)
    for name, one in (("recorded", held), ("embedded", simulated)):
        plots.confusion_matrix(one.answers, pictures / f"evaluation_{name}_confusion.png")
        plots.reliability_diagram(one.answers, pictures / f"evaluation_{name}_reliability.png")
        plots.precision_recall_curves(one.answers, pictures / f"evaluation_{name}_precision_recall.png")
        plots.by_length(one.lengths, pictures / f"evaluation_{name}_by_length.png")
