"""How starloop is: its archives, its credentials, its cache, and the local stack."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from starloop.archives.config import Archives, Credentials
from starloop.errors import BadInput
from starloop.findings import Finding, Item, Severity, worst
from starloop.processes import Running
from starloop.together import together
from starloop.workspace import Workspace

_ANSWER_S = 3.0
"""A local server that does not answer within this time is not well."""
_STACK = ("prefect", "mlflow", "alerts", "archive", "worker")


@dataclass(frozen=True)
class Report:
    """All that was found.

    Parameters
    ----------
    sky, home : str
        Whose archives they are, and the folder of its nights.
    asked_at : str
        When the look began, ISO 8601, UTC.
    seconds : float
        How long it took.
    parts : dict of str to list of Item
        ``archives``, ``credentials``, ``cache`` and ``stack``.
    """

    sky: str
    home: str
    asked_at: str
    seconds: float
    parts: dict[str, list[Item]]

    @property
    def severity(self) -> Severity:
        """The worst of what was found."""
        return worst(item.severity for items in self.parts.values() for item in items)

    @property
    def exit_code(self) -> int:
        """0 when nothing is worse than information, 1 with warnings, 2 with errors."""
        return max(self.severity - Severity.INFO, 0)

    def as_json(self) -> dict[str, Any]:
        """Give it for a program."""
        told = {"severity": str(self.severity), "exit_code": self.exit_code, "sky": self.sky, "home": self.home}
        told |= {"asked_at": self.asked_at, "seconds": self.seconds}
        return told | {part: [item.as_json() for item in items] for part, items in self.parts.items()}


def examine(place: Workspace, at: str | None, patience_s: float) -> Report:
    """Look at everything.

    Parameters
    ----------
    at : str or None
        Address of a running archive server to look at instead of the sky's own archives.
    patience_s : float
        How long an archive may take for its canary, seconds.

    Raises
    ------
    BadInput
        When no archive server runs at that address.
    """
    from starloop.archives.checkup import check
    from starloop.nights import upkeep

    began, asked_at = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
    stack = look_at_stack(place)
    known = _credentials(place, stack)
    if at is not None:
        checkup = check(_served_at(at).model_copy(update={"credentials": known}), place.home.tess_files, patience_s)
    else:
        with place.archives(place.last, known) as archives:
            checkup = check(archives, place.home.tess_files, patience_s)
    parts = {"archives": checkup.archives, "credentials": checkup.credentials}
    parts |= {"cache": upkeep.look(place.home), "stack": stack}
    seconds = round(time.monotonic() - began, 1)
    return Report(at or place.name, str(place.home.root), asked_at, seconds, parts)


def look_at_stack(place: Workspace) -> list[Item]:
    """Look at what `starloop up` and the deployment of a model start.

    Returns
    -------
    list of Item
        prefect, mlflow, archive, worker and endpoint. Facts: running, healthy, url, pid and log; healthy is None
        where there is no page that tells, and the last three where it was not started.
    """
    from deployments.stack import HEALTH, recorded

    processes: dict[str, Running] = {process.name: process for process in recorded(place)}
    rest_runs = any(process.alive for process in processes.values())
    pages = {name: processes[name].url + page for name, page in HEALTH.items() if name in processes}
    pointer = place.home.endpoint / "current.json"
    if pointer.is_file():
        # not by starloop.endpoint.switch, which brings in the model's libraries: they take seconds to import
        served = Running.model_validate_json(pointer.read_bytes())
        processes["endpoint"], pages["endpoint"] = served, f"{served.url}/readyz"
    well = together({name: partial(_answers, url) for name, url in pages.items() if processes[name].alive}, _ANSWER_S)
    items = []
    for name in (*_STACK, "endpoint"):
        process = processes.get(name)
        healthy = (well[name].done() and well[name].result()) if name in well else None
        again = "run `starloop deploy`" if name == "endpoint" else "run `starloop down`, then `starloop up`"
        bad = Severity.ERROR if rest_runs and name != "endpoint" else Severity.WARNING
        items.append(_item(name, process, healthy, again, bad))
    return items


def _item(name: str, process: Running | None, healthy: bool | None, again: str, if_ended: Severity) -> Item:
    facts: dict[str, Any] = {"running": False, "healthy": None, "url": None, "pid": None, "log": None}
    if process is None:
        return Item(name, (Finding(Severity.INFO, "not running"),), facts)
    facts |= {"running": process.alive, "healthy": healthy, "pid": process.pid, "log": process.log}
    facts["url"] = process.url or None
    where = f"at {process.url}" if process.url else f"as process {process.pid}"
    if not process.alive:
        finding = Finding(if_ended, "ended by itself", f"see {process.log}, and {again}")
    elif healthy is False:
        finding = Finding(Severity.ERROR, f"runs {where}, but is not well", f"see {process.log}, and {again}")
    else:
        finding = Finding(Severity.OK, f"runs {where}")
    return Item(name, (finding,), facts)


def _answers(url: str) -> bool:
    import httpx

    try:
        return httpx.get(url, timeout=_ANSWER_S, trust_env=False).is_success
    except httpx.TransportError:
        return False


def _credentials(place: Workspace, stack: list[Item]) -> Credentials:
    """Give the credentials of the environment, and where the stack runs, those of Prefect's Secret blocks."""
    known = place.settings.credentials
    if not {"prefect", "mlflow"} <= {item.name for item in stack if item.facts["healthy"]}:
        return known
    from deployments.stack import attach

    attach(place)
    from tasks.credentials import complete

    return complete(known)


def _served_at(url: str) -> Archives:
    import httpx

    try:
        answer = httpx.get(f"{url.rstrip('/')}/archives", timeout=_ANSWER_S)
        return Archives.model_validate(answer.raise_for_status().json())
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as wrong:
        raise BadInput(
            f"no archive server answers at {url} ({type(wrong).__name__}): start one with `starloop sky serve FOLDER`"
        ) from None
