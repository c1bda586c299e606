"""Whether an archive answers at all, how soon, and what time it believes it is."""

import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import partial
from math import inf
from statistics import median

import httpx

from starloop.archives.config import Archives, ArchiveSettings
from starloop.archives.line import Line
from starloop.together import together

WITHIN_S = 5.0
"""An archive that does not begin to answer in this time is not reached."""
_REQUESTS = 3
"""How many answers tell the latency, and how many requests may fail before an archive is not reached."""
_NO_ANSWER = f"no answer within {WITHIN_S:g} s"


class Unreached(Exception):
    """None of the requests was answered with a status below 500."""


@dataclass(frozen=True)
class Door:
    """One archive, and a page of it that costs next to nothing.

    Parameters
    ----------
    settings : ArchiveSettings
        Where the archive is.
    page : str
        An address of the archive's own service; what it answers does not matter.
    name, variable : str
        As of its `Line`.
    """

    settings: ArchiveSettings
    page: str
    name: str
    variable: str


@dataclass(frozen=True)
class Reached:
    """An archive that answers.

    Parameters
    ----------
    latency_ms : float
        Until an answer begins, the median of a few.
    clock_ahead_s : float or None
        How far its clock is ahead of this machine's; None where it does not date its answers.
    status : int
        Of the last answer.
    failed : str or None
        Why other requests were not answered; None when all were.
    """

    latency_ms: float
    clock_ahead_s: float | None
    status: int
    failed: str | None


def doors(archives: Archives) -> dict[str, Door]:
    """Give the door of each archive, by its name in the settings."""
    tables = f"{archives.xmatch.url}/tables?action=getVizieRTableNames"
    return {
        "alerce": Door(archives.alerce, f"{archives.alerce.url}/ztf/v1/classifiers", "ALeRCE", "ALERCE"),
        "irsa": Door(archives.irsa, archives.irsa.url, "IRSA", "IRSA"),
        "mast": Door(archives.mast, f"{archives.mast.url}/whoami", "MAST", "MAST"),
        "xmatch": Door(archives.xmatch, tables, "CDS XMatch", "XMATCH"),
        "tap": Door(archives.tap, f"{archives.tap.url}/capabilities", "TAPVizieR", "TAP"),
        "bts": Door(archives.bts, archives.bts.url, "BTS", "BTS"),
    }


def check_answering(archives: Archives) -> None:
    """Make sure, within seconds, that every archive a night needs answers; TAPVizieR is only the cross-match's spare.

    Raises
    ------
    ArchiveDown
        Naming the first that does not.
    """
    spared = {"tap"} if archives.packets is None else {"tap", "alerce"}
    needed = {name: door for name, door in doors(archives).items() if name not in spared}
    for name, answer in knock(needed, answers=1).items():
        if isinstance(answer, Unreached):
            door = needed[name]
            raise Line(door.name, door.settings, door.variable).down(str(answer))


def knock(at: Mapping[str, Door], answers: int = _REQUESTS) -> dict[str, Reached | Unreached]:
    """Ask all at once, each for so many answers, in `WITHIN_S` seconds altogether."""
    asked = together({name: partial(_ask, door, answers) for name, door in at.items()}, WITHIN_S)
    return {name: future.result() if future.done() else Unreached(_NO_ANSWER) for name, future in asked.items()}


def _ask(door: Door, answers: int) -> Reached | Unreached:
    ends, pause_s = time.monotonic() + WITHIN_S, 1 / (door.settings.rate_per_s or inf)
    latencies: list[float] = []
    clocks: list[float] = []
    status, failed = 0, None
    with httpx.Client(follow_redirects=True) as session:
        for request in range(_REQUESTS):
            if len(latencies) == answers:
                break
            time.sleep(pause_s if request else 0)
            began, left = time.time(), ends - time.monotonic()
            if left <= 0:
                break
            try:
                with session.stream("GET", door.page, timeout=left) as answer:
                    came = time.time()
            except (httpx.HTTPError, httpx.InvalidURL) as wrong:
                failed = _why(wrong)
                continue
            if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.status_code >= 500:
                failed = f"status {answer.status_code}"
                continue
            latencies.append(1000 * (came - began))
            clocks += _ahead(answer.headers.get("date"), (began + came) / 2)
            status = answer.status_code
    if not latencies:
        return Unreached(failed or _NO_ANSWER)
    return Reached(median(latencies), median(clocks) if clocks else None, status, failed)


def _ahead(date: str | None, here: float) -> Iterator[float]:
    """Compare a Date header with this machine's time; it is cut to whole seconds."""
    try:
        yield parsedate_to_datetime(date or "").timestamp() + 0.5 - here
    except ValueError:
        return


def _why(wrong: Exception) -> str:
    """Say in plain words why there was no answer; the reason is often two exceptions below."""
    cause: BaseException | None = wrong
    while cause is not None:
        match cause:
            case socket.gaierror():
                return "the name cannot be resolved"
            case ConnectionRefusedError():
                return "connection refused"
            case ssl.SSLError():
                return f"no secure connection: {cause.reason}"
            case httpx.TimeoutException():
                return _NO_ANSWER
            case httpx.TooManyRedirects():
                return "redirected without end"
            case httpx.UnsupportedProtocol() | httpx.InvalidURL():
                return "its address is not one of http or https"
            case OSError(strerror=str(reason)):
                return f"the connection failed: {reason}"
        cause = cause.__cause__ or cause.__context__
    return f"the connection failed ({type(wrong).__name__})"
