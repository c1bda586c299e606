"""What a page costs a person: seconds until a browser has drawn it, and the bytes it fetched for it."""

import shutil
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from tests.bench.table import Row
from tests.browser.conftest import CHROMIUM, SWITCHES
from tests.browser.standing import LAST, standing

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SECONDS, MB = 1.0, 1.0
TIMES = 5
# When all that belongs to the page is there and its scripts have run, counted from the asking.
_LOADED = "() => performance.getEntriesByType('navigation')[0].loadEventEnd / 1000"


@dataclass(frozen=True)
class Visit:
    """One look at a page, by a browser that keeps nothing of an earlier one.

    Parameters
    ----------
    seconds : float
        From asking for it until it could be used.
    megabytes : float
        Of all that was fetched for it, as sent.
    """

    seconds: float
    megabytes: float


def rows() -> list[Row]:
    """Open every page of a workspace with two scored nights; nothing where there is no browser."""
    program = shutil.which(CHROMIUM)
    if program is None:
        print(f"pages not measured: there is no {CHROMIUM} on this machine (apt install chromium)")  # noqa: T201
        return []
    from playwright.sync_api import sync_playwright

    with (
        tempfile.TemporaryDirectory() as folder,
        standing(Path(folder)) as (place, url),
        sync_playwright() as driver,
    ):
        oid = pq.read_table(place.home.predictions(LAST))["oid"][0].as_py()
        browser = driver.chromium.launch(executable_path=program, args=list(SWITCHES))
        told = []
        for path in ("/", f"/object/{oid}", "/tonight", "/tonight?show=all", "/model"):
            _visit(browser, url + path)  # the desk imports what a page needs when it is first asked for it
            seen = [_visit(browser, url + path) for _ in range(TIMES)]
            told += [
                Row(f"{path}: usable after", statistics.median(one.seconds for one in seen), SECONDS, "s"),
                Row(f"{path}: with all it fetches", max(one.megabytes for one in seen), MB, "MB"),
            ]
        browser.close()
    return told


def _visit(browser: "Browser", url: str) -> Visit:
    context = browser.new_context()
    page = context.new_page()
    finished = []
    page.on("requestfinished", lambda request: finished.append(request))  # it refuses a built-in method
    page.goto(url, wait_until="load")
    seconds = float(page.evaluate(_LOADED))
    sizes = sum(one.sizes()["responseBodySize"] + one.sizes()["responseHeadersSize"] for one in finished)
    context.close()
    return Visit(seconds, sizes / 1e6)
