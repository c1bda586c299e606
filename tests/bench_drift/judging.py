"""What the drift check says of a course's nights, and whether that is right."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from starloop.drift.decision import Kind, Verdict, decide
from starloop.drift.params import DriftParams
from starloop.sky.simulator.scenario import ANSWERS
from tests.bench_drift.course import KINDS, WINDOW

# What a verdict about the archive must speak of, and the archives and bands when it is not about all of them.
NAMED: dict[str, dict[str, list[str]]] = {
    "cadence": {"what": ["cadence"]},
    "depth": {"what": ["depth"]},
    "zero-point": {"what": ["calibration"], "bands": ["r"]},
    "data-release": {"what": ["release"], "archives": ["IRSA"]},
    "stuck-flags": {"what": ["flags"], "archives": ["ALeRCE", "IRSA"]},
    "nulls": {"what": ["missing"], "archives": ["ALeRCE", "IRSA"]},
}


@dataclass(frozen=True)
class Outcome:
    """What was said of one seed's sky under one change, night by night from the change on."""

    kind: str
    seed: int
    verdicts: tuple[Verdict, ...]

    @property
    def night(self) -> int | None:
        """The night, counted from one, on which it was first called what it is."""
        right = [number for number, said in enumerate(self.verdicts, start=1) if said.kind == ANSWERS[self.kind]]
        return right[0] if right else None

    @property
    def wrong(self) -> set[Kind]:
        """What else it was called; that the first nights of a lasting change look like one bad night is no error."""
        harmless = {"none", "bad_night", ANSWERS[self.kind]}
        return {said.kind for said in self.verdicts} - harmless

    @property
    def right(self) -> bool:
        """Whether it was called what it is: a change of the sky some time, an artefact and never anything worse."""
        if ANSWERS[self.kind] == "sky":
            return self.night is not None
        if ANSWERS[self.kind] == "bad_night":
            return self.night == 1 and not self.wrong
        return self.night is not None and not self.wrong

    @property
    def named(self) -> bool:
        """Whether a verdict about the archive says what has changed, where the right kind was said first."""
        if self.night is None or self.kind not in NAMED:
            return False
        said = self.verdicts[self.night - 1].as_dict()
        wanted = NAMED[self.kind]
        return set(wanted["what"]) <= set(said["what"]) and all(
            said[about] == only for about, only in wanted.items() if about != "what"
        )


def outcomes(seed: int, measured: list[dict[str, Any]], params: DriftParams) -> Iterator[Outcome]:
    """Judge the nights from each change on, each with the nights before it.

    Parameters
    ----------
    measured : list of dict
        The course's nights in order: ``kind``, and ``night`` as `starloop.drift.measure.measure` gave it.
    """
    before = _of(measured, None)
    for kind in KINDS:
        nights = _of(measured, kind)
        if nights:
            earlier = [night for night in before if night["night"] < nights[0]["night"]]
            seen = [*earlier[-WINDOW:], *nights]
            told = tuple(decide(seen[: WINDOW + number], params) for number in range(1, len(nights) + 1))
            yield Outcome(kind, seed, told)


def quiet(measured: list[dict[str, Any]], params: DriftParams) -> list[Verdict]:
    """Judge the ordinary nights but the first, which only fill the window."""
    nights = _of(measured, None)
    return [decide(nights[: number + 1], params) for number in range(WINDOW, len(nights))]


def _of(measured: Iterable[dict[str, Any]], kind: str | None) -> list[dict[str, Any]]:
    return [one["night"] for one in measured if one["kind"] == kind]
