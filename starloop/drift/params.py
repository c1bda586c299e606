"""The thresholds of the drift check."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class DriftParams(BaseModel):
    """When a night counts as moved, and how many nights have to agree (``drift`` in params.yaml).

    The thresholds lie between ordinary and changed nights of the first simulated sky (800 objects of eight classes),
    measured with its catalogue types as decisions: five quiet nights (up to nine nights after the reference), five
    nights from the one on which the survey turns to the Galactic plane (`population`), and five ordinary nights 10 to
    45 days after their reference.

    ====================  ==========  =================  ==========  =========
    measure               quiet       10 to 45 days old  changed     threshold
    ====================  ==========  =================  ==========  =========
    drifted features      0 to 1 %    0 to 9 %           51 to 80 %  30 %
    class distance        0.04-0.09   0.06-0.07          0.24-0.30   0.15
    one band's offset     < 0.001     < 0.004            < 0.001     0.05 mag
    rise of missing       < 0.03      < 0                0.02-0.68   0.25
    ====================  ==========  =================  ==========  =========
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    nights: int = Field(default=3, ge=1)
    """Latest scored nights that are looked at (m)."""
    agree: int = Field(default=2, ge=1)
    """Nights of them that have to show the same (n)."""
    minimum_objects: int = Field(default=60, ge=1)
    """Fewest objects of a night that is judged."""
    feature_distance: float = Field(default=0.35, gt=0)
    """Distance from which on a feature has drifted: Wasserstein, in its reference's standard deviations."""
    feature_share: float = Field(default=0.3, gt=0, le=1)
    """Share of drifted features from which on the features, or one band's features, have moved."""
    magnitude_offset: float = Field(default=0.05, gt=0)
    """Offset of one band's magnitudes, object by object, from which on the band has moved, in mag."""
    class_distance: float = Field(default=0.15, gt=0, le=1)
    """Jensen-Shannon distance (natural logarithm, at most 0.83) from which on the class shares have moved."""
    missing_rise: float = Field(default=0.25, gt=0, le=1)
    """Rise of a group's mean share of missing values from which on its values have gone missing."""

    @model_validator(mode="after")
    def _enough_nights(self) -> Self:
        if self.agree > self.nights:
            raise ValueError(f"agree ({self.agree}) is more than nights ({self.nights})")
        return self
