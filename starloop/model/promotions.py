"""The ledger of promotions: who moved the champion, when, why, from which version to which.

MLflow moves an alias without a condition and keeps no history of it. It does number the versions of a registered model
atomically, on every backend. The ledger is such a model: each of its versions is one entry, and none needs files.

An entry says which one its writer knew as the newest. It is void when a valid one had come in between: of several
promotions that race, the first entry is valid and all others learn at once that they lost. The alias follows the
newest valid entry.
"""

import datetime as dt
import getpass
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from starloop.errors import NotPromoted

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

LEDGER = "starloop-promotions"
CHAMPION, CHALLENGER, PREVIOUS = "champion", "challenger", "previous"
BY_HAND = "the alias was moved outside starloop"
_LOOK_AGAIN_S = 2.0
"""A promotion under way needs far less between its entry and the alias."""


@dataclass(frozen=True)
class Promotion:
    """One entry of the ledger.

    Parameters
    ----------
    number : int
        Its place; numbers of void entries are left out.
    old, new : int or None, int
        The champion before and after, versions of the model.
    who, why : str
        Who asked for it, and the reason given.
    when : str
        UTC, ISO 8601.
    """

    number: int
    old: int | None
    new: int
    who: str
    why: str
    when: str
    after: int
    token: str
    followed: bool


class Head(NamedTuple):
    """What the ledger and the alias agree on: the newest entry's number (0 before the first), and the champion."""

    number: int
    champion: int | None


class Promotions:
    """The ledger of one registered model.

    Parameters
    ----------
    client : MlflowClient
        Of the registry.
    model : str
        The registered model whose alias `champion` is moved.
    """

    def __init__(self, client: "MlflowClient", model: str) -> None:
        self._client, self._model = client, model

    def entries(self) -> list[Promotion]:
        """Give the valid entries, the oldest first."""
        valid: list[Promotion] = []
        for entry in sorted(map(_read, self._found()), key=lambda one: one.number):
            # Not "equal": an entry that somebody deleted was valid, or its successor would not name it.
            if entry.after >= (valid[-1].number if valid else 0):
                valid.append(entry)
        return valid

    def before(self) -> list[int]:
        """Give the champions one may go back to, the nearest last.

        Going back takes a champion off this list and all that came after it: what was gone back from, or taken back,
        is not offered again.
        """
        line: list[int] = []
        for entry in self.entries():
            if not line and entry.old is not None:
                line.append(entry.old)
            if entry.new in line:
                del line[line.index(entry.new) :]
            line.append(entry.new)
        return line[:-1]

    def settle(self) -> Head:
        """Make the alias and the ledger agree.

        An alias that lags behind the ledger, because its promotion was cut short, is moved. One that was moved outside
        starloop is obeyed, and written into the ledger. One that was only taken away is set again.
        """
        last, found = self._last(), self.aliases().get(CHAMPION)
        lags = last is not None and not last.followed and found == last.old
        if found is not None and not lags and (last is None or found != last.new):
            time.sleep(_LOOK_AGAIN_S)
            if (self._last(), self.aliases().get(CHAMPION)) != (last, found):
                return self.settle()
            old = last.new if last else self.aliases().get(PREVIOUS)
            self._append(last.number if last else 0, old, found, "unknown", BY_HAND)
        return self._follow()

    def promote(self, new: int, expected: int | None, who: str | None, why: str) -> None:
        """Make a version the champion if the champion still is the expected one; that it is already is no error.

        Raises
        ------
        NotPromoted
            When another champion is there, or another promotion came first.
        """
        head = self.settle()
        if head.champion == new:
            return
        if head.champion != expected:
            raise NotPromoted(
                f"version {new} was not promoted: the champion is version {head.champion}, not {expected} "
                "as when it was compared; run the gate again"
            )
        if not self._append(head.number, expected, new, who or user(), why):
            raise NotPromoted(f"version {new} was not promoted: another promotion came first; run the gate again")
        self._follow()

    def _follow(self) -> Head:
        """Point the aliases at the newest entry's versions, and note that this was done."""
        while last := self._last():
            aliases = self.aliases()
            if aliases.get(CHAMPION) != last.new and not self._set(CHAMPION, last.new):
                return Head(last.number, None)
            if not last.followed:
                if before := self.before():
                    self._set(PREVIOUS, before[-1])
                elif PREVIOUS in aliases:
                    _written(self._client.delete_registered_model_alias, self._model, PREVIOUS)
                if aliases.get(CHALLENGER) == last.new:
                    _written(self._client.delete_registered_model_alias, self._model, CHALLENGER)
                _written(self._client.set_model_version_tag, LEDGER, str(last.number), "followed", "yes")
            # Another process may have gone on meanwhile, and this one just taken its alias back.
            if (now := self._last()) is not None and now.number == last.number:
                return Head(last.number, last.new)
        return Head(0, None)

    def _set(self, alias: str, version: int) -> bool:
        """Point an alias at a version; tell whether there still is such a version."""
        from mlflow.exceptions import MlflowException

        try:
            _written(self._client.set_registered_model_alias, self._model, alias, str(version))
        except MlflowException as wrong:
            if wrong.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            return False
        return True

    def _append(self, after: int, old: int | None, new: int, who: str, why: str) -> bool:
        """Write an entry, and tell whether it is valid."""
        from mlflow.exceptions import MlflowException

        when, token = dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), uuid4().hex
        told = {"to": new, "who": who, "why": why, "when": when, "after": after, "token": token}
        failed = None
        try:
            self._client.create_model_version(
                self._name,
                f"models:/{self._model}/{new}",
                tags=told if old is None else told | {"from": old},
                description=f"{f'version {old}' if old else 'nothing'} → version {new}, by {who}: {why}",
                await_creation_for=None,
            )
        except MlflowException as wrong:
            failed = wrong
        # By its token: a request that is repeated after a lost answer has written two.
        won = any(entry.token == token for entry in self.entries())
        if failed and not won:
            raise NotPromoted(
                f"version {new} was not promoted, its entry could not be written: {_line(failed)}"
            ) from failed
        return won

    @cached_property
    def _name(self) -> str:
        from mlflow.exceptions import MlflowException

        try:
            self._client.create_registered_model(
                LEDGER, description=f"Ledger: every version is one move of {self._model}'s champion. Do not delete."
            )
        except MlflowException as wrong:
            if wrong.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        return LEDGER

    def _last(self) -> Promotion | None:
        entries = self.entries()
        return entries[-1] if entries else None

    def _found(self) -> list["ModelVersion"]:
        found = self._client.search_model_versions(f"name='{LEDGER}'", max_results=10_000)
        return [version for version in found if "token" in version.tags]

    def aliases(self) -> dict[str, int]:
        """Give the versions that `champion`, `challenger` and `previous` point at."""
        found = self._client.search_registered_models(f"name='{self._model}'")
        return {name: int(version) for one in found for name, version in one.aliases.items()}


def user() -> str:
    """Name the user this process belongs to; a container's may have no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _written(write: Callable[..., None], *what: str) -> None:
    """Write; and once more when refused, for two that insert the same row at once MLflow refuses the second."""
    from mlflow.exceptions import MlflowException

    try:
        write(*what)
    except MlflowException as wrong:
        if wrong.error_code != "BAD_REQUEST":
            raise
        write(*what)


def _read(version: "ModelVersion") -> Promotion:
    tags = version.tags
    return Promotion(
        number=int(version.version),
        old=int(tags["from"]) if "from" in tags else None,
        new=int(tags["to"]),
        **{name: tags[name] for name in ("who", "why", "when", "token")},
        after=int(tags["after"]),
        followed="followed" in tags,
    )


def _line(wrong: Exception) -> str:
    return " ".join(str(wrong).split())
