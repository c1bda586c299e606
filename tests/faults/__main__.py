"""`make faults`: bad weather, for starloop and for the bare clients; exit code 1 when a bar is missed."""

import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from starloop.pipeline import ROOT
from starloop.sky.tables import Sky
from tests.bench.table import Row, show
from tests.faults import bare, page, plan, weathered
from tests.faults.plan import Seeded
from tests.faults.rows import Difference
from tests.faults.tally import Bare, tally
from tests.faults.weathered import Weathered

T = TypeVar("T")

WEATHERS = ("fair", "foul")


def main() -> bool:
    """Put both sides through the weather, write docs/faults.md, and tell whether every bar is met."""
    with tempfile.TemporaryDirectory() as made:
        sky = plan.sky_at(Path(made, "sky"))
        nights = plan.nights_of(sky)
        ours = _starloop(sky, nights, Path(made, "starloop"))
        others = _clients(sky, nights, Path(made))
    bars = _bars(ours)
    (ROOT / "docs" / "faults.md").write_text(page.render(ours, others, bars))
    return show(f"{len(ours)} nights in bad weather (docs/faults.md)", bars)


def _starloop(sky: Sky, nights: list[Seeded], out: Path) -> list[Weathered]:
    with ProcessPoolExecutor(plan.WORKERS, get_context("spawn")) as pool:
        done = [pool.submit(weathered.work, sky.folder, seeded, out) for seeded in nights]
        return [one.result() for one in done]


def _clients(sky: Sky, nights: list[Seeded], out: Path) -> Bare:
    """Let the clients live each in processes of their own: they read their configuration when they are imported."""
    in_time = sorted(nights, key=lambda seeded: seeded.night)
    parts = [in_time[first :: plan.CLIENT_WORKERS] for first in range(plan.CLIENT_WORKERS)]
    with ProcessPoolExecutor(plan.CLIENT_WORKERS, get_context("spawn"), max_tasks_per_child=1) as pool:
        both = [
            [
                pool.submit(bare.work, sky.folder, part, out / f"{weather}-{number}", weather == "foul")
                for weather in WEATHERS
            ]
            for number, part in enumerate(parts)
        ]
        fair, foul = zip(*both, strict=True)
        return tally(sky, _joined(fair), _joined(foul))


def _joined(parts: Iterable[Future[list[T]]]) -> list[T]:
    return [one for part in parts for one in part.result()]


def _bars(nights: list[Weathered]) -> list[Row]:
    rows = sum((difference for night in nights for difference in night.differences.values()), Difference())
    requests = sum(night.requests for night in nights)
    return [
        Row(f"requests that {plan.FEWEST_REQUESTS:,} lack", max(0, plan.FEWEST_REQUESTS - requests), 0),
        Row("runs that ended without a sentence of starloop's own", sum(night.crashed for night in nights), 0),
        Row("nights that were never whole", sum(not night.whole for night in nights), 0),
        Row("ledgers that do not balance, after any run", sum(len(night.unbalanced) for night in nights), 0),
        Row("nights whose bytes differ from fair weather", sum(not night.same for night in nights), 0),
        Row("rows lost, doubled or changed", rows.lost + rows.doubled + rows.changed, 0),
        Row("longest request", max(night.longest_s for night in nights), plan.LONGEST_S, "s"),
    ]


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
