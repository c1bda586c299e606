"""Deciding what moved: the sky, the archive, or one bad night."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from starloop.drift.params import DriftParams

Kind = Literal["none", "sky", "archive", "bad_night"]
Sign = Literal["quiet", "sky", "archive", "odd"]
BANDS = ("g", "r", "i")


@dataclass(frozen=True)
class Verdict:
    """What the latest nights say together.

    Parameters
    ----------
    kind : str
        ``sky`` asks for retraining; ``archive`` (release, cadence, calibration, flags) and ``bad_night`` ask a
        person; ``none`` asks nothing.
    reasons : list of str
        One sentence each, the same for the same scores.
    scores : dict
        Per night: ``sign``, ``objects``, ``drifted_share``, ``class_distance``, ``uncertain_share``,
        ``bands`` (share of drifted features of each band), ``offsets`` (mag) and ``missing`` (groups whose values
        have gone missing).
    nights : list of str
        The nights that show what the verdict says; empty for ``none``.
    """

    kind: Kind
    reasons: list[str]
    scores: dict[str, dict[str, Any]] = field(default_factory=dict)
    nights: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Facts:
    """What one night's comparison comes down to."""

    night: str
    objects: int
    drifted_share: float
    class_distance: float
    uncertain_share: float
    bands: dict[str, float]
    offsets: dict[str, float]
    missing: list[str]

    @classmethod
    def of(cls, compared: dict[str, Any], params: DriftParams) -> "Facts":
        groups = compared["groups"]
        return cls(
            night=compared["night"],
            objects=compared["objects"],
            drifted_share=compared["drifted_share"],
            class_distance=compared["class_distance"] or 0.0,
            uncertain_share=compared["uncertain_share"],
            bands={band: groups[band]["drifted_share"] for band in BANDS if band in groups},
            offsets={band: offset for band, offset in compared["offsets"].items() if offset is not None},
            missing=[name for name in sorted(groups) if groups[name]["missing_rise"] >= params.missing_rise],
        )

    def alone(self, params: DriftParams) -> str | None:
        """Give the one band whose features or magnitudes moved while no other's did, of two or more."""
        moved = [
            band
            for band, share in self.bands.items()
            if share >= params.feature_share or abs(self.offsets.get(band, 0.0)) >= params.magnitude_offset
        ]
        return moved[0] if len(moved) == 1 and len(self.bands) > 1 else None

    def sign(self, params: DriftParams) -> Sign:
        """Tell what the night looks like by itself."""
        classes = self.class_distance >= params.class_distance
        features = self.drifted_share >= params.feature_share
        if classes and features:
            return "sky"
        if features or self.missing or self.alone(params):
            return "archive"
        return "odd" if classes else "quiet"

    def sentence(self, params: DriftParams) -> str:
        """Tell why the night has its sign."""
        parts = [
            f"{self.drifted_share:.0%} of the features drifted (from {params.feature_share:.0%} on they have moved)",
            f"class distance {self.class_distance:.2f} (moved from {params.class_distance:.2f} on)",
        ]
        if band := self.alone(params):
            parts.append(f"only band {band} moved, by {self.offsets.get(band, 0.0):+.2f} mag")
        if self.missing:
            parts.append(f"values have gone missing in {', '.join(self.missing)}")
        return f"{self.night}: {', '.join(parts)}"


def decide(nightly: Sequence[dict[str, Any]], params: DriftParams) -> Verdict:
    """Decide from the latest nights' comparisons.

    A night shows a changed sky when class shares and features both moved: different objects are up there. It shows
    a changed archive when the features of all or of only one band moved while the class shares stayed, or when
    values went missing: the same objects are measured differently. `DriftParams.agree` nights of the latest
    `DriftParams.nights` have to show the same; the newest one by itself is a bad night.

    Parameters
    ----------
    nightly : sequence of dict
        As `comparison.compare` gives them, with ``night`` added; in any order.
    params : DriftParams
        The thresholds.

    Returns
    -------
    Verdict
        ``none`` when there is no night or the newest has too few objects: such a night says nothing new.
    """
    if not nightly:
        return Verdict("none", ["no night has been scored yet"])
    compared = sorted(nightly, key=lambda one: str(one["night"]))
    newest = compared[-1]
    if newest["objects"] < params.minimum_objects:
        few = f"{newest['night']} has {newest['objects']} objects, fewer than the {params.minimum_objects} needed"
        return Verdict("none", [few])
    judged = [Facts.of(one, params) for one in compared if one["objects"] >= params.minimum_objects][-params.nights :]
    signs = {facts.night: facts.sign(params) for facts in judged}
    scores = {facts.night: {"sign": signs[facts.night], **_scores(facts)} for facts in judged}
    kind = _kind(list(signs.values()), params.agree)
    if kind == "none":
        return Verdict("none", [f"fewer than {params.agree} of the last {len(judged)} nights moved alike"], scores)
    shown = judged[-1:] if kind == "bad_night" else [facts for facts in judged if signs[facts.night] == kind]
    return Verdict(kind, [facts.sentence(params) for facts in shown], scores, [facts.night for facts in shown])


def _kind(signs: Sequence[Sign], agree: int) -> Kind:
    if signs.count("sky") >= agree:
        return "sky"
    if signs.count("archive") >= agree:
        return "archive"
    return "none" if signs[-1] == "quiet" else "bad_night"


def _scores(facts: Facts) -> dict[str, Any]:
    return {name: value for name, value in asdict(facts).items() if name != "night"}
