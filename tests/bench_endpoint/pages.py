"""What a page costs: it and all that it refers to, as a browser fetches them."""

import statistics
import time
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx

_FETCHED = {"script": "src", "img": "src", "link": "href", "source": "src"}
TIMES = 5


@dataclass(frozen=True)
class Page:
    """A page.

    Parameters
    ----------
    path : str
        Of the page.
    seconds : float
        To the last byte of it and of all that it refers to; median.
    bytes : int
        Of all of them, unpacked.
    files : int
        How many.
    elsewhere : list of str
        Addresses of other hosts that it asks a browser to fetch.
    """

    path: str
    seconds: float
    bytes: int
    files: int
    elsewhere: list[str]


class _References(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = dict(attributes)
        address = told.get(_FETCHED.get(tag, ""))
        # What a link points to is fetched only where it is a part of the page.
        if address and not address.startswith("data:") and (tag != "link" or told.get("rel") in _PARTS):
            self.found.append(address)


_PARTS = {"stylesheet", "icon", "modulepreload", "preload"}


def fetch(url: str, path: str) -> Page:
    """Fetch a page as often as `TIMES`, each time on a new connection and without a cache."""
    once = [_fetch(url, path) for _ in range(TIMES)]
    return Page(path, statistics.median(seconds for seconds, *_ in once), *once[-1][1:])


def _fetch(url: str, path: str) -> tuple[float, int, int, list[str]]:
    began = time.perf_counter()
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        page = client.get(path).raise_for_status()
        references = _References()
        references.feed(page.text)
        here = urlsplit(url).netloc
        every = {urljoin(str(page.url), one) for one in references.found}
        ours = sorted(one for one in every if urlsplit(one).netloc == here)
        sizes = [len(page.content), *(len(client.get(one).raise_for_status().content) for one in ours)]
    return time.perf_counter() - began, sum(sizes), len(sizes), sorted(every.difference(ours))
