"""What a look at something found, and how bad it is."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any


class Severity(IntEnum):
    """How bad it is; the worst of several is the greatest."""

    OK = 0
    INFO = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        """Give its name as a person reads it."""
        return self.name.lower()


@dataclass(frozen=True)
class Finding:
    """One thing that was found.

    Parameters
    ----------
    severity : Severity
        How bad it is.
    says : str
        What was found, in a few words.
    advice : str
        One sentence that says what to do; every warning and error has one.
    """

    severity: Severity
    says: str
    advice: str = ""


@dataclass(frozen=True)
class Item:
    """One thing that was looked at.

    Parameters
    ----------
    name : str
        What a person calls it.
    findings : tuple of Finding
        What was found, at least one thing.
    facts : dict
        What was measured, for a program; the keys depend on the kind of thing only.
    """

    name: str
    findings: tuple[Finding, ...]
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def severity(self) -> Severity:
        """The worst of what was found."""
        return worst(finding.severity for finding in self.findings)

    @property
    def says(self) -> str:
        """All that was found, in one phrase."""
        return "; ".join(finding.says for finding in self.findings)

    @property
    def advice(self) -> list[str]:
        """What to do about it."""
        return [finding.advice for finding in self.findings if finding.advice]

    def as_json(self) -> dict[str, Any]:
        """Give it for a program."""
        told = {"name": self.name, "severity": str(self.severity), "says": self.says, "advice": self.advice}
        return told | self.facts


def worst(severities: Iterable[Severity]) -> Severity:
    """Give the greatest; nothing at all is fine."""
    return max(severities, default=Severity.OK)
