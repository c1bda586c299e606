"""Who we are to the archives: which credentials there are, and whether they are accepted."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from typing import Any

from starloop.archives.config import Archives, Credentials
from starloop.archives.irsa import Irsa
from starloop.archives.line import Refused
from starloop.archives.mast import Identity, Mast
from starloop.errors import ArchiveDown, BadInput
from starloop.findings import Finding, Item, Severity

MAST, IRSA, ALERCE = "MAST token", "IRSA account", "ALeRCE token"
SOON = timedelta(days=3)
"""A token that ends within this time should be renewed now."""
_NONE = Finding(Severity.INFO, "none; public data need none")


def questions(archives: Archives, answering: set[str]) -> dict[str, Callable[[], Any]]:
    """Give, by name, how the credentials are tried that are there, at archives that answer."""
    known = archives.credentials
    asked: dict[str, Callable[[], Any]] = {}
    if known.mast_token is not None and "mast" in answering:
        asked[MAST] = lambda: Mast(archives).whoami()
    if known.irsa_user is not None and known.irsa_password is not None and "irsa" in answering:
        asked[IRSA] = lambda: _log_in(archives)
    return asked


def _log_in(archives: Archives) -> bool:
    with Irsa(archives) as irsa:
        return irsa.log_in()


def items(known: Credentials, told: Mapping[str, Future[Any]], now: datetime | None = None) -> list[Item]:
    """Say how each credential is; no part of any is told.

    Parameters
    ----------
    told : mapping
        What became of `questions`, by name.
    now : datetime, optional
        This machine's time unless given.

    Returns
    -------
    list of Item
        Facts: state (none, valid, refused, unchecked or incomplete), and expires, in MAST's words or None.
    """
    alerce = known.alerce_token is not None
    return [
        _mast(known, told, now or datetime.now(UTC)),
        _irsa(known, told),
        _item(ALERCE, "unchecked", Finding(Severity.INFO, "there; ALeRCE has no way to try it"))
        if alerce
        else _item(ALERCE, "none", _NONE),
    ]


def _mast(known: Credentials, told: Mapping[str, Future[Any]], now: datetime) -> Item:
    if known.mast_token is None:
        return _item(MAST, "none", _NONE)
    unchecked = _unchecked(MAST, told)
    if unchecked is not None:
        return unchecked
    identity: Identity = told[MAST].result()
    renew = "make a new token at https://auth.mast.stsci.edu/token and set MAST_API_TOKEN to it"
    if not identity.valid:
        finding = Finding(Severity.ERROR, "MAST does not accept it: wrong, or expired", f"{renew}, or unset it")
        return _item(MAST, "refused", finding)
    if identity.expires is None:
        return _item(MAST, "valid", Finding(Severity.OK, "accepted; MAST does not say until when"))
    left = _left(identity.expires, now)
    says = f"accepted; expires {identity.expires}"
    soon = left is not None and left < SOON
    finding = Finding(Severity.WARNING, says, renew) if soon else Finding(Severity.OK, says)
    return _item(MAST, "valid", finding, identity.expires)


def _irsa(known: Credentials, told: Mapping[str, Future[Any]]) -> Item:
    user, password = "STARLOOP_IRSA_USER", "STARLOOP_IRSA_PASSWORD"
    if known.irsa_user is None and known.irsa_password is None:
        return _item(IRSA, "none", _NONE)
    if known.irsa_user is None or known.irsa_password is None:
        lacks = user if known.irsa_user is None else password
        finding = Finding(Severity.WARNING, f"not used: {lacks} is missing", f"set {lacks}, or unset the other one")
        return _item(IRSA, "incomplete", finding)
    if IRSA in told and told[IRSA].done() and isinstance(told[IRSA].exception(), BadInput):
        advice = f"correct {user} and {password}, or unset both"
        return _item(IRSA, "refused", Finding(Severity.ERROR, "IRSA does not accept it", advice))
    return _unchecked(IRSA, told) or _item(IRSA, "valid", Finding(Severity.OK, "accepted"))


def _unchecked(name: str, told: Mapping[str, Future[Any]]) -> Item | None:
    """Say why a credential could not be tried; None when it was."""
    archive = name.partition(" ")[0]
    future = told.get(name)
    if future is None:
        return _item(name, "unchecked", Finding(Severity.INFO, f"there; not tried, as {archive} does not answer"))
    wrong = future.exception() if future.done() else ArchiveDown("no whole answer in time")
    if wrong is None:
        return None
    if not isinstance(wrong, ArchiveDown | Refused):
        raise wrong
    says = f"there; could not be tried ({wrong.__cause__ or wrong})"
    return _item(
        name, "unchecked", Finding(Severity.WARNING, says, f"try again later: a night asks {archive} the same")
    )


def _left(expires: str, now: datetime) -> timedelta | None:
    """Read when a token ends; None when it cannot be read."""
    try:
        end = datetime.fromisoformat(expires)
    except ValueError:
        return None
    return (end if end.tzinfo else end.replace(tzinfo=UTC)) - now


def _item(name: str, state: str, finding: Finding, expires: str | None = None) -> Item:
    return Item(name, (finding,), {"state": state, "expires": expires})
