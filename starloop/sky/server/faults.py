"""The switch of the faults: which are set, where, how often, and whom they strike.

Whether a rate strikes a request follows from the seed, the fault, its route, what is asked, and how many times that
same thing was asked since the fault was set. So it does not depend on the order in which many threads happen to ask.
A count strikes the first answers it can spoil: how many is certain, which ones is not when several clients ask at once.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import blake2b
from typing import Any, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from starloop.errors import BadInput
from starloop.sky.server import routes
from starloop.sky.server.exchange import Answer, Asked
from starloop.sky.server.spoil import KINDS


class Fault(BaseModel):
    """A fault as a person sets it.

    Parameters
    ----------
    fault : str
        One of `KINDS`.
    route : str
        An archive's name, the beginning of a served ``path?query``, or ``*``: wherever the fault can strike.
    rate : float, optional
        The share of the requests it tries to spoil, within 0 and 1.
    count : int, optional
        Instead of a rate: how many answers it spoils before it ends.
    seed : int
        Another seed, other requests.
    limit : int, optional
        Only for ``row-limit``: how many rows are left; the archive's own limit unless given.

    Raises
    ------
    BadInput
        When it cannot be set as told.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    fault: str
    route: str = "*"
    rate: float | None = Field(None, ge=0, le=1)
    count: int | None = Field(None, ge=1)
    seed: int = 0
    limit: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def _can_be_set(self) -> Self:
        if self.fault not in KINDS:
            raise BadInput(f"there is no fault {self.fault!r}: the known ones are {', '.join(KINDS)}")
        if not routes.known(self.route):
            raise BadInput(
                f"there is no route {self.route!r}: it must be *, one of {', '.join(routes.ARCHIVES)}, "
                f"or the beginning of a served path such as {routes.OBJECTS}"
            )
        where = KINDS[self.fault].where
        if not routes.overlap(routes.beginnings(self.route), where):
            raise BadInput(f"the fault {self.fault} cannot strike {self.route}: it belongs to {', '.join(where)}")
        if (self.rate is None) == (self.count is None):
            raise BadInput(f"the fault {self.fault} needs a rate (0 to 1) or a count (1 or more), and not both")
        if self.limit is not None and self.fault != "row-limit":
            raise BadInput(f"the fault {self.fault} has no limit: only row-limit has one")
        return self

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """Read ``NAME[:ROUTE][:RATE]``, as the command line takes it; the rate is 1 unless given.

        Raises
        ------
        BadInput
            When it is not of this form, or cannot be set.
        """
        name, *rest = text.split(":")
        rate = _number(rest[-1]) if rest else None
        if rate is not None:
            rest.pop()
        if len(rest) > 1:
            raise BadInput(f"the fault {text!r} must be NAME[:ROUTE][:RATE], such as http-502:alerce:0.1")
        return _read({"fault": name, "route": rest[0] if rest else "*", "rate": 1.0 if rate is None else rate})


Told: TypeAlias = Fault | Mapping[str, Any]


class Standing:
    """A fault that is set: what it has done, and what it does next."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.struck = 0
        self.kind = KINDS[fault.fault]
        self._left = fault.count or 0
        self._beginnings = routes.beginnings(fault.route)
        self._times_asked: Counter[bytes] = Counter()

    def covers(self, target: str) -> bool:
        """Tell whether it may strike a ``path?query``."""
        return target.startswith(self._beginnings) and target.startswith(self.kind.where)

    def chooses(self, asked: Asked) -> bool:
        """Decide whether this request is one to strike."""
        fault = self.fault
        if fault.rate is None:
            if self._left == 0:
                return False
            self._left -= 1  # given back when there is nothing to spoil
            return True
        time = self._times_asked[asked.identity]
        self._times_asked[asked.identity] += 1
        lot = blake2b(f"{fault.seed} {fault.fault} {fault.route} {time} ".encode() + asked.identity, digest_size=6)
        return int.from_bytes(lot.digest()) / 2**48 < fault.rate

    def spoil(self, answer: Answer, asked: Asked) -> Answer:
        """Strike the answer to a chosen request; one that cannot be spoilt is not counted."""
        spoilt = self.kind.spoil(answer, replace(asked, limit=self.fault.limit))
        if spoilt is None:
            if self.fault.count is not None:
                self._left += 1
            return answer
        self.struck += 1
        return spoilt


class Faults:
    """The faults that are set, in the order in which they strike.

    Parameters
    ----------
    faults : iterable of Fault or dict
        The first ones.
    """

    def __init__(self, faults: Iterable[Told] = ()) -> None:
        self.put(faults)

    def put(self, faults: object) -> None:
        """Set these instead of all others; nothing changes when one of them cannot be.

        Raises
        ------
        BadInput
            When they are not a list of faults that can be set.
        """
        if not isinstance(faults, Iterable) or isinstance(faults, str | bytes | Mapping):
            raise BadInput('faults must be a list such as [{"fault": "http-502", "route": "alerce", "rate": 0.1}]')
        self.standing = tuple(Standing(_read(told)) for told in faults)

    def told(self) -> list[dict[str, Any]]:
        """Say what is set, and how often each has struck."""
        return [one.fault.model_dump(exclude_none=True) | {"struck": one.struck} for one in self.standing]


def _read(told: object) -> Fault:
    try:
        return Fault.model_validate(told)
    except ValidationError as wrong:
        error = wrong.errors()[0]
        where = f" {error['loc'][0]}:" if error["loc"] else ""
        raise BadInput(f"the fault {told!r} cannot be set:{where} {error['msg']}") from None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
