"""The ledger of a night: what was asked for and what became of it, in counts that must add up."""

import json
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, NonNegativeInt, ValidationError

from starloop.errors import BadInput, Imbalance
from starloop.nights.store import write_json

COLUMNS = (
    "source",
    "requested",
    "received",
    "empty",
    "failed",
    "rows received",
    "accepted",
    "quarantined",
    "duplicate",
)


class Counts(BaseModel):
    """The counts of one source.

    Parameters
    ----------
    requested, received, empty, failed : int
        Objects asked for; answered with rows; answered without any; not answered.
    rows_received, accepted, quarantined, duplicate : int
        Rows that came; passed the checks; failed one; repeat another row.
    failures : dict of str to str
        Why each failed request failed, by what was asked for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    requested: NonNegativeInt = 0
    received: NonNegativeInt = 0
    empty: NonNegativeInt = 0
    failed: NonNegativeInt = 0
    rows_received: NonNegativeInt = 0
    accepted: NonNegativeInt = 0
    quarantined: NonNegativeInt = 0
    duplicate: NonNegativeInt = 0
    failures: dict[str, str] = {}


class Ledger(BaseModel):
    """One night of one sky.

    Parameters
    ----------
    night, sky : str
        The UTC date and the sky's name.
    sources : dict of str to Counts
        By source, which is the name of the table it fills.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    night: str
    sky: str
    sources: dict[str, Counts]

    def balance(self) -> Self:
        """Give this ledger back when every source adds up.

        Raises
        ------
        Imbalance
            Naming the first source that does not, with its numbers.
        """
        self.answered()
        for source, n in sorted(self.sources.items()):
            if n.rows_received != n.accepted + n.quarantined + n.duplicate:
                raise Imbalance(
                    f"the ledger of {self.night} does not balance: {source} received {n.rows_received} rows but counts "
                    f"{n.accepted} accepted + {n.quarantined} quarantined + {n.duplicate} duplicate"
                )
        return self

    def answered(self) -> Self:
        """Give this ledger back when every request has an outcome, before the rows are checked.

        Raises
        ------
        Imbalance
            Naming the first source with a request that has none, or more than one.
        """
        for source, n in sorted(self.sources.items()):
            if n.requested != n.received + n.empty + n.failed:
                raise Imbalance(
                    f"the ledger of {self.night} does not balance: {source} requested {n.requested} objects but counts "
                    f"{n.received} received + {n.empty} empty + {n.failed} failed"
                )
        return self

    def rows(self) -> list[tuple[str | int, ...]]:
        """Give one row a source, sorted, under the headings `COLUMNS`."""
        return [
            (source, *counts.model_dump(exclude={"failures"}).values())
            for source, counts in sorted(self.sources.items())
        ]

    def save(self, path: Path) -> None:
        """Write it as JSON; the same counts give the same bytes."""
        write_json(self.model_dump(), path)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote; raise `BadInput` when it is missing or is not a ledger."""
        try:
            return cls.model_validate(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, ValidationError) as wrong:
            said = " ".join(str(wrong).split())
            raise BadInput(f"{path} is not a night's ledger ({said}): run the night again") from None
