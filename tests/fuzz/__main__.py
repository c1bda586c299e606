"""`make fuzz`: the endpoint maltreated; exit code 1 when it minds.

python -m tests.fuzz [--minutes 30] [--bodies 10000] [--seed 1]
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.bench.table import Row, show
from tests.fuzz import contract, soak
from tests.fuzz.asking import asked
from tests.fuzz.hopeless import hopeless
from tests.fuzz.scene import Scene, scene
from tests.fuzz.tables import damaged

GROWTH = 5.0
_SHOWN = 10


def main() -> int:
    """Print the tables; 1 when a bar is missed."""
    words = argparse.ArgumentParser(prog="python -m tests.fuzz", description="The endpoint maltreated.")
    words.add_argument("--minutes", type=float, default=30.0, help="of mixed good and bad requests")
    words.add_argument("--bodies", type=int, default=10_000, help="that cannot be right")
    words.add_argument("--seed", type=int, default=1, help="another one sends other bodies")
    told = words.parse_args()
    with tempfile.TemporaryDirectory() as folder, scene(Path(folder)) as here:
        met = [_contract(here, told.seed), _bodies(here, told.bodies, told.seed), _soak(here, told.minutes, told.seed)]
    return 0 if all(met) else 1


def _contract(here: Scene, seed: int) -> bool:
    born = here.births()
    held = [contract.holds(document, here.url, seed) for document in here.documents]
    rows = [Row(f"of {len(held)} documents, not kept", held.count(False), 0), *_after(here, born)]
    return show("Requests made from the OpenAPI documents of endpoint and desk, by schemathesis", rows)


def _bodies(here: Scene, number: int, seed: int) -> bool:
    born = here.births()
    refused = asked(here.url, hopeless(seed, number, here.curves, here.score), hopeless=True)
    torn = asked(here.url, damaged(seed, number // 10, here.curves), hopeless=False)
    for one in (*refused.wrong[:_SHOWN], *torn.wrong[:_SHOWN]):
        print(f"wrong: {one}")  # noqa: T201
    print(f"statuses: {_told(refused.statuses)}; of tables with bits turned over: {_told(torn.statuses)}")  # noqa: T201
    rows = [
        Row("bodies that cannot be right", refused.asked, number, at_least=True),
        Row("of them not answered 4xx with a reason", len(refused.wrong), 0),
        Row(f"of {torn.asked} tables with bits turned over: not answered, 5xx or no reason", len(torn.wrong), 0),
        *_after(here, born),
    ]
    return show("Bodies broken in one place", rows)


def _soak(here: Scene, minutes: float, seed: int) -> bool:
    born = here.births()
    seen = soak.soak(here, minutes, seed)
    for one in seen.wrong[:_SHOWN]:
        print(f"wrong: {one}")  # noqa: T201
    for kind, statuses in sorted(seen.statuses.items()):
        print(f"{kind}: {_told(statuses)}")  # noqa: T201
    rows = [
        Row("5xx, or not answered", seen.failures, 0),
        Row("answered otherwise than they should be", len(seen.wrong), 0),
        *(
            Row(f"growth of the {name}, now {seen.memory[name][-1]:.0f} MB", 100 * growth, GROWTH, "%")
            for name, growth in seen.growth().items()
        ),
        *_after(here, born),
    ]
    return show(f"{minutes:g} minutes of good and bad requests: {seen.asked:,}, {soak.ASKERS} at once", rows)


def _after(here: Scene, born: dict[str, tuple[int, float]]) -> list[Row]:
    now = here.births()
    here.answers()
    complaints = here.complaints()
    for one in complaints[:_SHOWN]:
        print(f"in the log: {one}")  # noqa: T201
    return [
        Row("processes that ended", sum(now.get(name) != birth for name, birth in born.items()), 0),
        Row("exceptions in the log that nobody caught", len(complaints), 0),
    ]


def _told(statuses: "dict[int, int]") -> str:
    return ", ".join(f"{number:,} x {status or 'none'}" for status, number in sorted(statuses.items()))


if __name__ == "__main__":
    sys.exit(main())
