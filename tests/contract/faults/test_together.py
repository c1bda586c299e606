"""All faults at once, on every route: the server stays up, and stops when told."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import cycle, islice

import httpx

from starloop.sky.server.host import serving
from starloop.sky.server.routes import EVERYWHERE
from starloop.sky.server.spoil import KINDS
from tests.contract.faults.asking import (
    OBJECTS,
    bts,
    complaints,
    curve,
    download,
    invoke,
    irsa,
    login,
    objects,
    tap,
    whoami,
    xmatch,
)

REQUESTS = 320
DEADLINE_S = 1.0
MIXED = [
    *(lambda archive, n=n: curve(archive, n) for n in range(OBJECTS)),
    *(lambda archive, page=page: objects(archive, page=page, page_size=2, count="true") for page in (1, 2, 3)),
    *(lambda archive, form=form: irsa(archive, FORMAT=form) for form in ("CSV", "VOTABLE", "IPAC_TABLE")),
    lambda archive: irsa(archive, FORMAT="JSON"),
    invoke,
    lambda archive: invoke(archive, "Mast.Catalogs.TIC.Cone", params={"ra": 10, "dec": 5, "radius": 180}),
    download,
    lambda archive: download(archive, "HEAD"),
    tap,
    lambda archive: tap(archive, FORMAT="csv"),
    lambda archive: archive.get("/TAPVizieR/tap/capabilities"),
    xmatch,
    bts,
    whoami,
    login,
]


class Impatient(httpx.Client):
    """A client that bounds a request as a whole, as its timeouts do not."""

    def send(self, request, **told):
        ends = time.monotonic() + DEADLINE_S
        response = super().send(request, stream=True)
        try:
            for _ in response.iter_raw():
                if time.monotonic() > ends:
                    raise httpx.ReadTimeout("too slow", request=request)
        finally:
            response.close()
        return response


def test_all_faults_together_break_answers_but_not_the_server(tiny_sky):
    def status(ask):
        try:
            return ask(client).status_code
        except httpx.TransportError as error:
            return type(error).__name__

    faults = [{"fault": name, "rate": 0.05} for name in KINDS]
    with ExitStack() as running:
        server = running.enter_context(serving(tiny_sky, None, faults=faults))
        with complaints() as heard:
            with Impatient(base_url=server.url, timeout=DEADLINE_S) as client, ThreadPoolExecutor(8) as pool:
                came = Counter(pool.map(status, islice(cycle(MIXED), REQUESTS)))
                left = httpx.get(f"{server.url}/faults").json()
            began = time.monotonic()
            running.close()
        assert time.monotonic() - began < 5
    assert heard == []
    assert set(came) <= {200, 308, 400, 403, 429, 502, 503, 504, "ReadTimeout", "RemoteProtocolError", "ReadError"}
    assert came[200] > REQUESTS / 4
    everywhere = [name for name, kind in KINDS.items() if kind.where == EVERYWHERE]
    assert [one["fault"] for one in left if one["fault"] in everywhere and not one["struck"]] == []
