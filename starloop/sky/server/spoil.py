"""What each fault does to an answer.

Every one was met in the wild, or seen in a run of an unmodified client. A fault that finds nothing to spoil in an
answer (an empty table, an error, another format) gives None, and the answer goes out as it is.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import formatdate
from html import escape
from http import HTTPStatus
from urllib.parse import quote

import pyarrow as pa

from starloop.sky.server import routes
from starloop.sky.server.exchange import Answer, Asked, Sending
from starloop.sky.server.fault_rows import Row, document, lists_of, with_document, with_rows
from starloop.sky.tables import DETECTIONS

Spoil = Callable[[Answer, Asked], Answer | None]

INVALID_MAGNITUDE = 100.0
ROW_LIMITS = {"tap": 50, "irsa": 500}
USUAL_ROW_LIMIT = 50_000
MOVED_BY = 500_000
"""How much the object numbers of another data release differ."""
RETRY_AFTER_S = 1
SKEW_S = 7200.0

_MAGNITUDES = ("magpsf", "sigmapsf", "magpsf_corr", "sigmapsf_corr", "sigmapsf_corr_ext")
_MEASURED = tuple(field.name for field in DETECTIONS if field.type == pa.float64() and field.name != "mjd")


@dataclass(frozen=True)
class Kind:
    """A fault that is known.

    Parameters
    ----------
    spoil : callable
        What it does to an answer.
    where : tuple of str
        The beginnings of ``path?query`` it can strike.
    needs_page_before : bool
        It wants `Asked.page_before`.
    """

    spoil: Spoil
    where: tuple[str, ...] = routes.EVERYWHERE
    needs_page_before: bool = False


def _page(status: HTTPStatus, **headers: str) -> Spoil:
    """Answer with a proxy's HTML page."""
    title = f"{status.value} {status.phrase}"
    body = f"<html>\n<head><title>{title}</title></head>\n<body><center><h1>{title}</h1></center></body>\n</html>\n"
    told = {"content-type": "text/html"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda answer, asked: Answer(status, told, body.encode())


def _usage_fault(answer: Answer, asked: Asked) -> Answer:
    return Answer(400, {"content-type": "text/plain"}, b"UsageFault: Internal error (invalid TAP query)\n")


def _redirect(answer: Answer, asked: Asked) -> Answer:
    """Send the client to the same address again, so that a redirect that is followed can end well."""
    location = quote(asked.path) + (f"?{asked.query}" if asked.query else "")
    return Answer(308, {"location": location}, b"")


def _empty(answer: Answer, asked: Asked) -> Answer | None:
    return with_rows(answer, lambda rows: [], {"total": 0, "has_next": False, "next": None})


def _portal(status: str, message: str) -> Spoil:
    """Answer 200, with a state of the portal instead of the rows."""
    told = {"status": status, "msg": message, "data": [], "fields": []}
    return lambda answer, asked: None if document(answer) is None else with_document(answer, told)


def _missing_keys(answer: Answer, asked: Asked) -> Answer | None:
    def change(rows: list[Row]) -> list[Row]:
        return [{name: value for name, value in row.items() if value is not None} for row in rows]

    return with_rows(answer, change)


def _instead_of_null(value: float, columns: tuple[str, ...]) -> Spoil:
    """Tell a number where a detection has none."""

    def change(rows: list[Row]) -> list[Row]:
        return [
            row | {name: value for name in columns if row.get(name) is None} if "candid" in row else row for row in rows
        ]

    return lambda answer, asked: with_rows(answer, change)


def _no_next(answer: Answer, asked: Asked) -> Answer | None:
    """Forget the total, as ALeRCE does when it was not asked to count."""
    told = document(answer)
    if not isinstance(told, dict) or not told.get("has_next"):
        return None
    return with_document(answer, told | {"total": None, "has_next": False, "next": None})


def _duplicates(answer: Answer, asked: Asked) -> Answer | None:
    """Begin a page with the last row of the page before, as when an object came in between."""
    if asked.page_before is None:
        return None
    last = [row for rows in lists_of(document(asked.page_before)) for row in rows[-1:]]
    return with_rows(answer, lambda rows: last + rows)


def _moved(answer: Answer, asked: Asked) -> Answer | None:
    """Number the objects as another data release does; a number of this one finds nothing."""
    if "ID" in asked.parameters:
        return _empty(answer, asked)
    return with_rows(answer, lambda rows: [row | {"oid": str(int(row["oid"]) + MOVED_BY)} for row in rows])


def _row_limit(answer: Answer, asked: Asked) -> Answer | None:
    limit = asked.limit or ROW_LIMITS.get(routes.archive_of(asked.path), USUAL_ROW_LIMIT)
    return with_rows(answer, lambda rows: rows[:limit])


def _expired_token(answer: Answer, asked: Asked) -> Answer | None:
    told = document(answer)
    if told is None or told["anon"]:
        return None
    return with_document(answer, {"anon": True, "attrib": {}, "ezid": "anonymous", "scopes": [], "token": None})


def _html(answer: Answer, asked: Asked) -> Answer | None:
    if answer.status != 200 or answer.media_type != "text/csv":
        return None
    body = f"<html>\n<body><pre>\n{escape(answer.body.decode(), quote=False)}</pre></body>\n</html>\n"
    return replace(answer, headers=answer.headers | {"content-type": "text/html; charset=UTF-8"}, body=body.encode())


def _broken(sending: Sending) -> Spoil:
    """Announce the whole body, and send half of it or all of it slowly."""

    def break_off(answer: Answer, asked: Asked) -> Answer | None:
        sends_none = not answer.body or asked.method == "HEAD"
        return None if sends_none else replace(answer, sending=sending)

    return break_off


def _skewed(answer: Answer, asked: Asked) -> Answer:
    """Date the answer as an archive does whose clock is ahead."""
    return replace(answer, headers=answer.headers | {"date": formatdate(time.time() + SKEW_S, usegmt=True)})


def _reset(answer: Answer, asked: Asked) -> Answer:
    return replace(answer, sending="reset")


_LIST = (f"{routes.OBJECTS}?",)
_ONE = (f"{routes.OBJECTS}/",)
_TABLES = (
    *_LIST, *_ONE, f"{routes.LIGHT_CURVES}?", f"{routes.BRIGHT_TRANSIENTS}?", f"{routes.INVOKE}?", f"{routes.MATCH}?",
    f"{routes.QUERY}?",
)  # fmt: skip
_RELEASES = (f"{routes.LIGHT_CURVES}?",)
_PORTAL = (f"{routes.INVOKE}?",)

KINDS: dict[str, Kind] = {
    "http-502": Kind(_page(HTTPStatus.BAD_GATEWAY)),
    "http-503": Kind(_page(HTTPStatus.SERVICE_UNAVAILABLE)),
    "http-504": Kind(_page(HTTPStatus.GATEWAY_TIMEOUT)),
    "too-many-requests": Kind(_page(HTTPStatus.TOO_MANY_REQUESTS, retry_after=str(RETRY_AFTER_S))),
    "ban": Kind(_page(HTTPStatus.FORBIDDEN)),
    "usage-fault": Kind(_usage_fault, _RELEASES),
    "redirect": Kind(_redirect),
    "empty": Kind(_empty, _TABLES),
    "error-status": Kind(_portal("ERROR", "there was an error with your request"), _PORTAL),
    "executing": Kind(_portal("EXECUTING", ""), _PORTAL),
    "expired-token": Kind(_expired_token, (f"{routes.WHOAMI}?",)),
    "missing-keys": Kind(_missing_keys, _LIST + _ONE + _PORTAL),
    "zeros": Kind(_instead_of_null(0.0, _MEASURED), _ONE),
    "sentinel-100": Kind(_instead_of_null(INVALID_MAGNITUDE, _MAGNITUDES), _ONE),
    "no-next": Kind(_no_next, _LIST),
    "duplicates": Kind(_duplicates, _LIST, needs_page_before=True),
    "moved": Kind(_moved, _RELEASES),
    "row-limit": Kind(_row_limit, _TABLES),
    "html": Kind(_html, (f"{routes.BRIGHT_TRANSIENTS}?", *_RELEASES, f"{routes.MATCH}?", f"{routes.QUERY}?")),
    "truncated": Kind(_broken("cut")),
    "stalled": Kind(_broken("stalled")),
    "trickle": Kind(_broken("trickled")),
    "reset": Kind(_reset),
    "clock-skew": Kind(_skewed),
}
