"""The bench's bars, and its table in docs/drift.md."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from starloop.drift.decision import Verdict
from starloop.sky.simulator.scenario import ANSWERS
from tests.bench.table import Row
from tests.bench_drift.course import KINDS
from tests.bench_drift.judging import NAMED, Outcome

BARS = {"sky": 95.0, "archive": 90.0, "bad_night": 90.0}
FALSE_ALARMS = 1.0
_WORDS = {"sky": "the sky", "archive": "the archive", "bad_night": "a bad night"}


def rows(outcomes: Sequence[Outcome], quiet: Sequence[Verdict]) -> list[Row]:
    """Hold every change, and the nights without one, against the bars."""
    told = [
        Row(f"{kind} called {_WORDS[ANSWERS[kind]]}", 100 * share, BARS[ANSWERS[kind]], "% of seeds", at_least=True)
        for kind in KINDS
        for share in [_share([outcome.right for outcome in _of(outcomes, kind)])]
    ]
    alarms = 100 * _share([verdict.kind != "none" for verdict in quiet])
    return [*told, Row(f"false alarms on {len(quiet)} nights without a change", alarms, FALSE_ALARMS, "% of nights")]


def page(outcomes: Sequence[Outcome], quiet: Sequence[Verdict]) -> str:
    """Write the table of docs/drift.md."""
    lines = [
        "| change | is | called so | at least | first on night | also called | says what |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind in KINDS:
        mine = _of(outcomes, kind)
        nights = Counter(outcome.night for outcome in mine if outcome.night)
        first = ", ".join(f"{night}: {count}" for night, count in sorted(nights.items())) or "never"
        wrong = Counter(word for outcome in mine for word in outcome.wrong)
        also = ", ".join(f"{word} ({count})" for word, count in sorted(wrong.items())) or "-"
        named = f"{sum(outcome.named for outcome in mine)} of {len(mine)}" if kind in NAMED else "-"
        right = f"{sum(outcome.right for outcome in mine)} of {len(mine)}"
        lines.append(f"| {kind} | {ANSWERS[kind]} | {right} | {BARS[ANSWERS[kind]]:g} % | {first} | {also} | {named} |")
    alarms = Counter(verdict.kind for verdict in quiet if verdict.kind != "none")
    said = ", ".join(f"{count} {word}" for word, count in sorted(alarms.items())) or "none"
    told = f"False alarms on {len(quiet)} nights without a change: {said}; at most {FALSE_ALARMS:g} % are allowed."
    return "\n".join([*lines, "", told]) + "\n"


def put(path: Path, name: str, text: str) -> None:
    """Put a text between the markers of that name in a page."""
    before, begin, rest = path.read_text(encoding="utf-8").partition(f"<!-- {name} -->\n")
    _, end, after = rest.partition(f"<!-- /{name} -->")
    if not begin or not end:
        raise RuntimeError(f"{path} has no place for {name}: write <!-- {name} --> and <!-- /{name} --> into it")
    path.write_text(f"{before}{begin}{text}{end}{after}", encoding="utf-8")


def _of(outcomes: Sequence[Outcome], kind: str) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.kind == kind]


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags)
