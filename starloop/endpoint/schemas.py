"""What goes into the endpoint and what comes out: the JSON of light curves, answers and the model card."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

MOST_POINTS = 10_000
MOST_TESS_POINTS = 200_000
MOST_CURVES = 1_000
MOST_ID = 200

_Real = Annotated[float, Field(allow_inf_nan=False)]
_Error = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_Score = Annotated[float, Field(ge=0, le=1)]
_Angle = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_Band = Literal["g", "r", "i"]
# Of a list one wrong value is told: a body can hold millions.
_Reals = Annotated[list[_Real], Field(fail_fast=True)]
_Errors = Annotated[list[_Error], Field(fail_fast=True)]
_Bands = Annotated[list[_Band], Field(fail_fast=True)]
_Times = Annotated[list[_Real], Field(max_length=MOST_POINTS, fail_fast=True)]

# By the list that says how many: those that must be given with it, one value each.
_WITH = {
    "mjd": ("band",),
    "flux": ("flux_err",),
    "mag": ("err",),
    "limit_mjd": ("limit_mag", "limit_band"),
    "release_mjd": ("release_mag", "release_err", "release_band"),
    "tess_time": ("tess_flux", "tess_err"),
    "detection_positive": ("detection_score", "detection_distance"),
}
_LEADER = {name: leader for leader, names in _WITH.items() for name in names}


class LightCurve(BaseModel):
    """One object's photometry: lists of the same length, in any order of time, and what else is known of it.

    Either ``mag`` and ``err`` or ``flux`` and ``flux_err`` are given; the rest is optional, and null is not known.
    A number in quotes, a value that is not finite and a field of another name are refused, not guessed at. No
    points at all are not: the answer then says `too_few_points`.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, validate_default=True, use_attribute_docstrings=True
    )

    id: str = Field(min_length=1, max_length=MOST_ID)
    """The sender's name of the object; the answer carries it."""
    mjd: _Times
    """Modified Julian dates, days (UTC)."""
    band: _Bands
    """ZTF bands. No feature is computed from i."""
    flux: _Reals | None = None
    """Fluxes in nanojansky (AB zero point 31.4). One that is not positive has no magnitude: it counts as the upper
    limit of five times its error."""
    flux_err: _Errors | None = None
    """One-sigma errors, nanojansky."""
    mag: _Reals | None = None
    """Magnitudes (AB)."""
    err: _Errors | None = None
    """One-sigma errors, magnitudes."""
    apparent: bool | None = None
    """Whether the magnitudes are of the object as a whole, or of its difference to a reference image."""

    limit_mjd: _Times | None = None
    """When it was looked for and not seen, days (UTC)."""
    limit_mag: _Reals | None = None
    """Five-sigma upper limits, magnitudes."""
    limit_band: _Bands | None = None

    release_mjd: _Times | None = None
    """Photometry of a data release, which is measured otherwise: features of its own are computed from it."""
    release_mag: _Reals | None = None
    release_err: _Errors | None = None
    release_band: _Bands | None = None

    tess_time: Annotated[list[_Real], Field(max_length=MOST_TESS_POINTS, fail_fast=True)] | None = None
    """TESS light curve: days (BTJD)."""
    tess_flux: _Reals | None = None
    """Flux of good quality in any unit, the sectors on one level."""
    tess_err: Annotated[list[_Error | None], Field(fail_fast=True)] | None = None
    """One-sigma errors, in the same unit."""

    detection_positive: Annotated[list[bool | None], Field(max_length=MOST_POINTS, fail_fast=True)] | None = None
    """Of every detection in the alerts: whether it is brighter than the reference image (isdiffpos)."""
    detection_score: Annotated[list[_Score | None], Field(fail_fast=True)] | None = None
    """Its deep-learning real-bogus score (drb)."""
    detection_distance: Annotated[list[_Angle | None], Field(fail_fast=True)] | None = None
    """The distance of the nearest source in the reference image (distnr), arcsec."""

    galactic_latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    """Degrees."""
    nearest_source: _Angle | None = None
    """Distance of the nearest source of the data release, arcsec."""
    redshift: _Real | None = None

    @field_validator("mag")
    @classmethod
    def _magnitudes_or_fluxes(cls, values: list[float] | None, info: ValidationInfo) -> list[float] | None:
        if "flux" in info.data and (values is None) == (info.data["flux"] is None):
            raise ValueError("give either mag and err, or flux and flux_err")
        return values

    @field_validator("flux", "mag")
    @classmethod
    def _one_for_each_time(cls, values: list[float] | None, info: ValidationInfo) -> list[float] | None:
        return _matched(values, "mjd", info) if values is not None else None

    @field_validator(*_LEADER)
    @classmethod
    def _given_together(cls, values: list[Any] | None, info: ValidationInfo) -> list[Any] | None:
        leader = _LEADER[str(info.field_name)]
        if (values is None) != (info.data.get(leader) is None) and leader in info.data:
            raise ValueError(f"give {leader} with {' and '.join(_WITH[leader])}, or none of them")
        return _matched(values, leader, info) if values is not None else None


def _matched(values: list[Any], leader: str, info: ValidationInfo) -> list[Any]:
    first = info.data.get(leader)
    if first is not None and len(values) != len(first):
        raise ValueError(f"has {len(values)} values where {leader} has {len(first)}")
    return values


class Answer(BaseModel):
    """What the model says about one light curve."""

    model_config = ConfigDict(frozen=True, protected_namespaces=(), use_attribute_docstrings=True)

    id: str
    probabilities: dict[str, float]
    """Calibrated probability of every class; they sum to one."""
    decision: str
    """The most probable class, or ``uncertain`` under that class's threshold."""
    anomaly: Annotated[float, Field(ge=0, le=1)] | None = None
    """How odd it is, whatever its class: the share of the model's training objects that are less odd. Null without a
    usable point, and of a model version that has no such score."""
    too_few_points: bool
    """No usable point in g or r, of alerts or of a data release, nor a TESS light curve: the decision is ``uncertain``,
    and the probabilities are what the model says of an object it knows nothing about."""
    model_version: int
    dataset_md5: str
    prediction_id: str
    """Random UUID, also in the prediction log."""


class ModelCard(BaseModel):
    """Which model answers, and what it was made from."""

    model_config = ConfigDict(frozen=True)

    version: int
    dataset_md5: str
    git_revision: str
    feature_schema: str
    classes: list[str]
    thresholds: dict[str, float]
    folded: dict[str, str]
    """Classes with too few labels, and the class they were trained as."""
    dropped: dict[str, int]
    """Classes left out for want of labels."""
    metrics: dict[str, Any]
    sky: str
    origin: str
    """``recorded``, ``simulated`` or ``live``."""
    night: str
    """The last night of the training data."""
