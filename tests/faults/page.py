"""docs/faults.md: what came of it, in tables."""

import sys
import textwrap
from collections import Counter
from collections.abc import Iterable
from importlib.metadata import version

from starloop.sky.server.spoil import KINDS, ROW_LIMITS
from tests.bench.table import Row
from tests.faults import plan
from tests.faults.rows import Difference
from tests.faults.tally import Bare, Tally
from tests.faults.weathered import MOST_RUNS, Weathered

_CLIENTS = ("alerce", "astroquery", "lightkurve", "requests", "pandas")
_SIDES = (
    "who", "asked", "raised", "hung", "silently wrong", "rows lost", "doubled", "changed", "nights right in the end"
)  # fmt: skip


def render(nights: list[Weathered], bare: Bare, bars: list[Row]) -> str:
    """Write the page."""
    parts = [
        "# Bad weather",
        _opening(nights),
        _table(
            ("bar", "measured", "at most", ""),
            [(bar.what, _number(bar.measured), _number(bar.bar), "met" if bar.met else "MISSED") for bar in bars],
        ),
        "## starloop beside the bare clients",
        _table(_SIDES, _sides(nights, bare)),
        _notes(bare),
        "## What struck",
        _struck(nights, bare),
        "## Night by night",
        _by_night(nights),
        "## How starloop failed, loudly",
        _loud(nights),
        "## What this does not show",
        _limits(),
    ]
    return "\n\n".join(_wrapped(part) for part in parts) + "\n"


def _wrapped(text: str) -> str:
    """Break long lines, but not those of tables."""
    return "\n".join(line if line.startswith("|") else _filled(line) for line in text.split("\n"))


def _filled(line: str) -> str:
    indent = "  " if line.startswith("- ") else ""
    return textwrap.fill(line, 118, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _opening(nights: list[Weathered]) -> str:
    return (
        "Written by `make faults`; exit code 1 when a bar is missed.\n\n"
        f"A simulated sky of {plan.OBJECTS} objects over three years (seed {plan.SKY_SEED}) is served by the archive "
        f"server, and {len(nights)} of its nights are ingested twice: in fair weather, and with every one of its "
        f"{len(KINDS)} faults ([sky.md](sky.md)) set on every route it can strike, each at a rate of {plan.RATE:.0%}. "
        "The seed of the faults is the number of the night. A run that fails is followed by another one, as a person "
        f"or the orchestrator would start it, until the night is sealed with nothing missing (at most {MOST_RUNS} "
        "runs). The sealed bytes are then compared with those of fair weather.\n\n"
        f"Deadline {plan.DEADLINE_S:g} s a request, {plan.CONNECTIONS} connections, no rate limit, a good MAST token."
    )


def _sides(nights: list[Weathered], bare: Bare) -> Iterable[tuple[str, ...]]:
    lost = sum((difference for night in nights for difference in night.differences.values()), Difference())
    requests, loud = sum(night.requests for night in nights), sum(night.failed_runs for night in nights)
    runs = sum(night.runs for night in nights)
    right = sum(night.same for night in nights)
    yield (
        "**starloop**",
        f"{requests:,} requests",
        f"{loud} of {runs} runs",
        str(sum(night.longest_s > plan.LONGEST_S for night in nights)),
        str(sum(night.silently_wrong for night in nights)),
        *_rows(lost),
        f"{right} of {len(nights)}",
    )
    everything = sum(bare.tallies.values(), Tally())
    yield "**bare clients**", *_tally(everything), f"{bare.whole} of {bare.nights}"
    for kind, tally in bare.tallies.items():
        yield kind.client, *_tally(tally), ""


def _tally(tally: Tally) -> tuple[str, ...]:
    never = f", {tally.never:,} of them in vain" if tally.never else ""
    return (
        f"{tally.calls:,} calls{never}",
        f"{tally.raised.total():,}",
        f"{tally.hung:,}",
        f"{tally.wrong:,}",
        *_rows(tally.difference),
    )


def _rows(difference: Difference) -> tuple[str, ...]:
    return f"{difference.lost:,}", f"{difference.doubled:,}", f"{difference.changed:,}"


def _notes(bare: Bare) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in _CLIENTS)
    raised = sum((tally.raised for tally in bare.tallies.values()), Counter())
    kinds = ", ".join(f"{name} {times}" for name, times in sorted(raised.items(), key=lambda one: (-one[1], one[0])))
    return (
        f"The bare clients ({versions}; Python {sys.version_info.major}.{sys.version_info.minor}) are asked for the "
        "same objects, in the same nights, with the same faults and seeds, as their documentation shows and without "
        "retries of the caller's own. Each call is made once; starloop's night is run until it is whole. A call is one "
        'method of a client, which may make several requests. ALeRCE\'s list is paged with `count="true"` while '
        '`has_next` says so (`format="json"`: the tables do not tell); light curves come as tables '
        '(`format="pandas"`); IRSA and BTS through `requests.get` without a timeout and `pandas.read_csv`; TESS '
        "through `search_lightcurve(...).download_all()` into one cache. All are told where the archives are by their "
        "own configuration files.\n\n"
        f"- *hung*: still running after {plan.WATCH_S:g} s, and given up; for starloop: nights with a request longer "
        f"than {plan.LONGEST_S:g} s.\n"
        "- *silently wrong*: an answer without an exception whose rows are not those of fair weather; for starloop: "
        "nights sealed with nothing failed whose bytes are not.\n"
        "- *changed*: rows with another value, or rows nobody has.\n"
        "- *in vain*: calls that raise in fair weather as well, and are counted nowhere else: for a star without an "
        "observation lightkurve asks a name resolver at a fixed address, which is not looked up here.\n"
        f"- What the bare clients raised: {kinds}.\n"
        f"- Broken files left in lightkurve's cache, where they are opened again for ever: {len(bare.poisoned)}."
    )


def _struck(nights: list[Weathered], bare: Bare) -> str:
    ours = sum((Counter(night.struck) for night in nights), Counter[str]())
    rows = [(kind, f"{ours[kind]:,}", f"{bare.struck[kind]:,}") for kind in KINDS]
    rows.append(("**all**", f"**{ours.total():,}**", f"**{bare.struck.total():,}**"))
    limits = ", ".join(f"{limit} ({archive})" for archive, limit in sorted(ROW_LIMITS.items()))
    return (
        _table(("fault", "struck starloop", "struck the bare clients"), rows)
        + "\n\nA fault counts where it found something to spoil. `row-limit` cuts at the archive's own number of rows "
        f"({limits}, 50,000 elsewhere), which most answers do not reach. `no-next` needs a client that asks ALeRCE to "
        "count, which starloop does not; `expired-token` one that shows a token, which the bare clients do not."
    )


def _by_night(nights: list[Weathered]) -> str:
    return _table(
        ("seed", "night", "requests", "retries", "struck", "runs", "rows", "ledger", "bytes", "longest request"),
        [
            (
                str(night.seeded.seed),
                str(night.seeded.night),
                f"{night.requests:,}",
                f"{night.retries:,}",
                f"{sum(night.struck.values()):,}",
                str(night.runs),
                f"{night.rows:,}",
                "NOT BALANCED" if night.unbalanced else "balanced",
                "the same" if night.same else "DIFFERENT" if night.whole else "NOT WHOLE",
                f"{night.longest_s:.2f} s",
            )
            for night in nights
        ],
    )


def _loud(nights: list[Weathered]) -> str:
    loud = sum((night.loud for night in nights), Counter[str]())
    if not loud:
        return "No run failed."
    return (
        "Runs that ended with an error, and objects a sealed ledger names as failed. Statuses 400 and 403 are taken at "
        "their word, and not asked about again in the same run; a night of fewer than 50 objects is not sealed while "
        "one is missing. What came stays, and the next run asks for the rest.\n\n"
    ) + _table(
        ("what was said", "times"),
        [(said, str(times)) for said, times in sorted(loud.items(), key=lambda one: (-one[1], one[0]))],
    )


def _limits() -> str:
    return (
        "- The archives are one server on this machine, on a simulated sky: real ones fail in bursts, for hours, and "
        "in ways nobody has met yet.\n"
        "- Faults strike independently at one rate; the seeds are the same in every run of this command, so it cannot "
        "surprise.\n"
        "- The rate limits are off, to keep it short.\n"
        "- Requests are counted and timed by starloop's own lines.\n"
        "- Alert packets (Avro) and the TAP fall-back of the cross-match are exercised only as far as a night needs "
        "them."
    )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def _number(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")
