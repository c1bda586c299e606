"""A real browser before real pages, and what it may not do: complain, or ask another machine."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from starloop.workspace import Workspace
from tests.browser.standing import standing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

CHROMIUM = "chromium"
SWITCHES = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
PICTURES = "STARLOOP_PICTURES"
"""A folder that the pictures for docs/ are written to; without it none is written."""
MOST_BYTES = 1_000_000
"""Of a page with all it loads."""

Picture = Callable[[str], None]


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """Debian's Chromium."""
    playwright = pytest.importorskip("playwright.sync_api", reason="the browser tests need the package playwright")
    program = shutil.which(CHROMIUM)
    if program is None:
        pytest.skip(
            f"there is no {CHROMIUM} on this machine: the pages are tested in a real browser (apt install chromium)"
        )
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=list(SWITCHES))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def stood(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, str]]:
    """A workspace whose pages are served, and their address; made only where there is a browser."""
    with standing(tmp_path_factory.mktemp("browser")) as told:
        yield told


@pytest.fixture
def scheme() -> str:
    """The colours the person prefers, light or dark."""
    return "light"


@pytest.fixture
def refused() -> set[int]:
    """The statuses that a test is told on purpose, and of which the browser's console then speaks."""
    return set()


@pytest.fixture
def page(browser: "Browser", stood: tuple[Workspace, str], scheme: str, refused: set[int]) -> "Iterator[Page]":
    """A new window; at the end, it has said no error and asked no other machine, and no page was heavy."""
    address = stood[1]
    context = browser.new_context(base_url=address, color_scheme=scheme, viewport={"width": 1200, "height": 800})
    page = context.new_page()
    said: list[str] = []
    asked: list[Request] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    context.on("request", lambda request: asked.append(request))  # it refuses a built-in method
    yield page
    allowed = {f"Failed to load resource: the server responded with a status of {status}" for status in refused}
    assert [line for line in said if line.partition(" (")[0] not in allowed] == []
    assert {urlsplit(one.url).netloc for one in asked if urlsplit(one.url).scheme != "data"} == {
        urlsplit(address).netloc
    }
    assert 0 < max(_weights(asked)) < MOST_BYTES
    context.close()


def _weights(asked: "list[Request]") -> list[int]:
    """Give the bytes that came for each page, all that it loaded included."""
    weights: list[int] = []
    for request in asked:
        weights += [0] if request.is_navigation_request() else []
        weights[-1] += request.sizes()["responseBodySize"] if request.response() else 0
    return weights


@pytest.fixture
def picture(page: "Page", scheme: str) -> Picture:
    """Keep what the window shows as ``NAME.png``, where a folder for pictures is named."""
    folder = os.environ.get(PICTURES)

    def keep(name: str) -> None:
        if folder:
            dark = "-dark" if scheme == "dark" else ""
            page.screenshot(path=Path(folder) / f"{name}{dark}.png", full_page=True)

    return keep
