"""What goes into the endpoint and what comes out: the JSON of light curves, answers and the model card."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

MOST_POINTS = 10_000
MOST_CURVES = 1_000

_Real = Annotated[float, Field(allow_inf_nan=False)]
_Error = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class LightCurve(BaseModel):
    """One object's photometry: four lists of the same length, in any order of time.

    A number in quotes, a value that is not finite and a field of another name are refused, not guessed at.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: str = Field(min_length=1, max_length=200)
    """The sender's name of the object; the answer carries it."""
    mjd: list[_Real] = Field(min_length=1, max_length=MOST_POINTS)
    """Modified Julian dates, days (UTC)."""
    mag: list[_Real]
    """Magnitudes (AB)."""
    err: list[_Error]
    """One-sigma errors, magnitudes."""
    band: list[Literal["g", "r", "i"]]
    """ZTF bands."""

    @field_validator("mag", "err", "band")
    @classmethod
    def _one_for_each_point(cls, values: list[Any], info: ValidationInfo) -> list[Any]:
        times = info.data.get("mjd")
        if times is not None and len(values) != len(times):
            raise ValueError(f"has {len(values)} values where mjd has {len(times)}")
        return values


class Answer(BaseModel):
    """What the model says about one light curve."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    id: str
    probabilities: dict[str, float]
    """Calibrated probability of every class; they sum to one."""
    decision: str
    """The most probable class, or ``uncertain`` under that class's threshold."""
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


class Problem(BaseModel):
    """One thing that is wrong with a request."""

    path: str
    """The field, as ``[0].mag[3]``; ``body`` for the request as a whole."""
    problem: str

    @classmethod
    def of(cls, error: dict[str, Any]) -> Self:
        """Translate one validation error of pydantic's.

        Parameters
        ----------
        error : dict
            Has ``loc`` (its first part is ``body``), ``type`` and ``msg``.
        """
        if error["type"] == "json_invalid":
            reason, position = error.get("ctx", {}).get("error", error["msg"]), error["loc"][-1]
            return cls(path="body", problem=f"is not JSON: {reason} (character {position})")
        steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in error["loc"][1:]]
        return cls(path="".join(steps).lstrip(".") or "body", problem=error["msg"].removeprefix("Value error, "))
