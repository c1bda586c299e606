"""Deciding what moved: the sky, the archive, or one bad night."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from starloop.drift.params import DriftParams
from starloop.drift.thresholds import moved, odd, quiet

Kind = Literal["none", "sky", "archive", "bad_night"]
Sign = dict[str, Any]

OF_THE_SKY = ("features", "classes", "performance")


@dataclass(frozen=True)
class Verdict:
    """What the latest nights say together.

    Parameters
    ----------
    kind : str
        ``sky`` asks for retraining; ``archive`` asks a person; ``bad_night`` asks that the newest night be left out;
        ``none`` asks nothing.
    reasons : list of str
        One sentence each, the same for the same measures.
    nights : list of str
        The nights that show what the verdict says; empty for ``none``.
    archives, bands, what : list of str
        Which archives and bands, and what of them (``cadence``, ``depth``, ``calibration``, ``release``, ``flags``,
        ``missing``, ``volume``), sorted; empty for ``none`` and ``sky``.
    """

    kind: Kind
    reasons: list[str]
    nights: list[str] = field(default_factory=list)
    archives: list[str] = field(default_factory=list)
    bands: list[str] = field(default_factory=list)
    what: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON values."""
        return asdict(self)


def decide(nightly: Sequence[dict[str, Any]], params: DriftParams) -> Verdict:
    """Decide from the latest nights' measures.

    What lasts is a measure that moved in the newest night and in `agree` of the last `nights`. When it is about rows,
    the same objects are measured differently, and the archive has changed. A newest night whose rows are odd by itself
    is a bad night. The sky has changed when features or answers last in nights whose rows are not odd: else the rows
    explain it.

    Parameters
    ----------
    nightly : sequence of dict
        As `measure.measure` gave them, in any order; nights with fewer than `minimum_objects` are passed over.
    params : DriftParams
        How many nights, how many objects.

    Returns
    -------
    Verdict
        ``none`` when there is no night or the newest has too few objects: such a night says nothing new.
    """
    if not nightly:
        return Verdict("none", ["no night has been scored yet"])
    measured = sorted(nightly, key=lambda one: str(one["night"]))
    newest = measured[-1]
    if newest["objects"] < params.minimum_objects:
        few = f"{newest['night']} has {newest['objects']} objects, fewer than the {params.minimum_objects} needed"
        return Verdict("none", [few])
    judged = [one for one in measured if one["objects"] >= params.minimum_objects][-params.nights :]
    far = {one["night"]: [sign for sign in one["measures"] if moved(sign, params.standard_errors)] for one in judged}
    night = newest["night"]
    if lasting := _lasting(_of(far, rows=True), night, params):
        return _about("archive", lasting)
    rows = _of({one["night"]: one["measures"] for one in judged}, rows=True)
    strange = {night: [sign for sign in found if odd(sign, params.standard_errors)] for night, found in rows.items()}
    if strange[night]:
        return _about("bad_night", {night: strange[night]})
    of_sky = _of({night: found for night, found in far.items() if not strange[night]}, rows=False)
    if lasting := _lasting(of_sky, night, params):
        return Verdict("sky", [_sentence(night, found) for night, found in lasting.items()], list(lasting))
    return Verdict("none", [f"nothing moved alike in {params.agree} of the last {len(judged)} nights"])


def _of(signs: dict[str, list[Sign]], *, rows: bool) -> dict[str, list[Sign]]:
    """Keep what is about rows, or about the sky."""
    return {
        night: [sign for sign in found if (sign["what"] not in OF_THE_SKY) == rows] for night, found in signs.items()
    }


def _lasting(signs: dict[str, list[Sign]], newest: str, params: DriftParams) -> dict[str, list[Sign]]:
    """Give, by night, what moved in the newest and in enough of the nights; nothing when nothing did."""
    shown = Counter(_key(sign) for found in signs.values() for sign in found)
    lasting = {_key(sign) for sign in signs[newest] if shown[_key(sign)] >= params.agree}
    kept = {night: [sign for sign in found if _key(sign) in lasting] for night, found in signs.items()}
    return {night: found for night, found in kept.items() if found}


def _about(kind: Kind, signs: dict[str, list[Sign]]) -> Verdict:
    every = [sign for found in signs.values() for sign in found]
    archives, bands, what = (_named(sign[name] for sign in every) for name in ("archive", "band", "what"))
    return Verdict(
        kind, [_sentence(night, found) for night, found in signs.items()], list(signs), archives, bands, what
    )


def _key(sign: Sign) -> tuple[str, str]:
    return sign["name"], sign["group"]


def _named(values: Iterable[str | None]) -> list[str]:
    return sorted({value for value in values if value is not None})


def _sentence(night: str, signs: Sequence[Sign]) -> str:
    return f"{night}: {'; '.join(_told(sign) for sign in signs)}"


def _told(sign: Sign) -> str:
    low, high = quiet(sign["name"], sign["group"])
    ends = f"up to {high:.3g}" if math.isinf(low) else f"from {low:.3g} to {high:.3g}"
    return f"{sign['name']} of {sign['group']} {sign['value']:+.3g} (quiet {ends})"
