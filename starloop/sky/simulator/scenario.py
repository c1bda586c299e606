"""Scenarios: what changes in a simulated sky, and from which night on."""

from dataclasses import dataclass

from starloop.errors import BadInput
from starloop.nights.calendar import Night

_KNOWN = ("population",)


@dataclass(frozen=True)
class Scenario:
    """A change of the sky from one night on.

    Parameters
    ----------
    kind : str
        ``population``: the survey turns to the Galactic plane. What alerts is then mostly periodic and long-period
        variables, brighter and more densely sampled, and few transients.
    night : Night
        The first night that differs; earlier nights are drawn as without a scenario.
    """

    kind: str
    night: Night

    def __str__(self) -> str:
        return f"{self.kind}:{self.night}"


def parse(text: str) -> Scenario:
    """Read ``population:2020-06-20``.

    Raises
    ------
    BadInput
        When the kind is not known or the date is not one.
    """
    kind, colon, date = text.partition(":")
    if not colon or kind not in _KNOWN:
        raise BadInput(f"scenario {text!r} is not known: write it as population:YYYY-MM-DD")
    return Scenario(kind, Night.parse(date))
