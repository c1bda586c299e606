"""How soon a page can be used and what it weighs, in a real browser: `make browser-test`, after the tests.

A page can be used when its text and style are there and its scripts have run (the browser's own ``domComplete``).
"""

import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import pyarrow.parquet as pq
from playwright.sync_api import Browser, sync_playwright

from tests.bench.table import Row, show
from tests.browser.conftest import CHROMIUM, MOST_BYTES, SWITCHES
from tests.browser.standing import LAST, standing

TIMES = 5
USABLE_S = 1.0
MEASURED = """() => {
  const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  return [all[0].domComplete / 1000, all.reduce((sum, one) => sum + one.decodedBodySize, 0)];
}"""


def main() -> int:
    """Measure every page in new windows, show the table, and give the exit code."""
    program = shutil.which(CHROMIUM)
    if program is None:
        sys.exit(f"there is no {CHROMIUM} on this machine: the pages are measured in a real browser")
    with (
        tempfile.TemporaryDirectory(prefix="starloop-") as folder,
        standing(Path(folder)) as (place, url),
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=program, args=list(SWITCHES))
        scored = pq.read_table(place.home.predictions(LAST), columns=["oid"])["oid"]
        pages = {
            "the first page": "/",
            "an object": f"/object/{scored[0]}",
            "Tonight, all objects": "/tonight?show=all",
            "Model": "/model",
        }
        rows = [row for name, path in pages.items() for row in _rows(name, *_measured(browser, url + path))]
        browser.close()
    return 0 if show(f"pages, {TIMES} times each in a new window", rows) else 1


def _measured(browser: Browser, url: str) -> tuple[list[float], int]:
    seconds, weight = [], 0
    for _ in range(TIMES):
        context = browser.new_context()
        page = context.new_page()
        page.goto(url, wait_until="load")
        took, weight = page.evaluate(MEASURED)
        seconds.append(took)
        context.close()
    return seconds, weight


def _rows(name: str, seconds: list[float], weight: int) -> list[Row]:
    return [
        Row(f"{name}: usable, median", statistics.median(seconds), USABLE_S, "s"),
        Row(f"{name}: all it loads, unpacked", weight / 1000, MOST_BYTES / 1000, "kB"),
    ]


if __name__ == "__main__":
    sys.exit(main())
