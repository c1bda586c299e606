"""The thresholds of the drift check."""

from pydantic import BaseModel, ConfigDict, Field


class Params(BaseModel):
    """When a night counts as moved, and how many nights have to agree (``drift`` in params.yaml)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    nights: int = Field(3, ge=1)
    """Latest scored nights that are looked at (m)."""
    agree: int = Field(2, ge=1)
    """Nights of them that have to show the same (n)."""
    minimum_objects: int = Field(60, ge=1)
    """Fewest objects of a night that is judged."""
    feature_distance: float = Field(0.35, gt=0)
    """Distance from which on a feature has drifted: Wasserstein, in its reference's standard deviations."""
    feature_share: float = Field(0.3, gt=0, le=1)
    """Share of drifted features from which on the features, or one band's features, have moved."""
    magnitude_offset: float = Field(0.1, gt=0)
    """Offset of one band's magnitudes, object by object, from which on the band has moved, in mag."""
    class_distance: float = Field(0.15, gt=0, le=1)
    """Jensen-Shannon distance (natural logarithm, at most 0.83) from which on the class shares have moved."""
    missing_rise: float = Field(0.25, gt=0, le=1)
    """Rise of a group's mean share of missing values from which on its values have gone missing."""
