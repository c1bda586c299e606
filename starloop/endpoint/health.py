"""Whether the endpoint is well, as its users see it."""

from dataclasses import dataclass

from starloop.endpoint import proxy, smoke, switch
from starloop.endpoint.build import model_of
from starloop.endpoint.process import Served
from starloop.errors import NotPromoted
from starloop.nights.store import Home
from starloop.pages import process as desk

WITHIN_S = 10.0


@dataclass(frozen=True)
class Health:
    """What a look at the endpoint found.

    Parameters
    ----------
    version : int
        That is deployed.
    url : str
        Its one stable address.
    ok : bool
        Whether it answers, and rightly.
    what : str
        One sentence: what is wrong, or that nothing is.
    """

    version: int
    url: str
    ok: bool
    what: str


def look(home: Home) -> Health | None:
    """Ask the endpoint known light curves at its stable address.

    An endpoint that is being switched just now is not judged: two versions may answer.

    Returns
    -------
    Health or None
        None where nothing was ever deployed, or all was stopped.
    """
    if switch.under_way(home):
        return _told(home, "")
    wrong = _wrong(home)
    return _told(home, "" if switch.under_way(home) else wrong)


def _told(home: Home, wrong: str) -> Health | None:
    served = switch.recorded(home)
    if served is None:
        return None
    return Health(served.version, served.url, not wrong, wrong or f"version {served.version} answers at {served.url}")


def _wrong(home: Home) -> str:
    served = switch.current(home)
    if served is None:
        ended = switch.recorded(home)
        return f"the process of version {ended.version} has ended; see {ended.log}" if ended else ""
    front = proxy.running(home)
    if front is None:
        return f"the proxy at {served.url} has ended; see {proxy.log(home)}"
    desk_log = desk.ended(home)
    if desk_log:
        return f"the desk, which shows the pages, has ended; see {desk_log}"
    return _asked(home, served)


def _asked(home: Home, served: Served) -> str:
    try:
        smoke.check(served.url, served.version, model_of(home, served.tag), within_s=WITHIN_S)
    except NotPromoted as failure:
        return str(failure)
    return ""
