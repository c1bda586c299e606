"""The knobs of the drift check."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class DriftParams(BaseModel):
    """How many nights have to agree, and on how many objects (``drift`` in params.yaml).

    From where on a measure has moved is in thresholds.toml: see `starloop.drift.thresholds`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    nights: int = Field(default=3, ge=1)
    """Latest scored nights that are looked at (m)."""
    agree: int = Field(default=2, ge=1)
    """Nights of them that have to show the same (n)."""
    minimum_objects: int = Field(default=60, ge=1)
    """Fewest objects of a night that is judged."""
    fewest_objects: int = Field(default=20, ge=2)
    """Fewest objects (rows, where rows are counted; values of a feature) a single measure is taken of."""
    fewest_rows: int = Field(default=3, ge=1)
    """Fewest rows of an object's past, or nights of it, it is compared with."""
    fewest_labels: int = Field(default=30, ge=2)
    """Fewest labels that have arrived since the training before the real performance is judged."""
    standard_errors: float = Field(default=3.0, ge=0)
    """So many standard errors a measure must lie beyond its threshold: few objects are no change."""

    @model_validator(mode="after")
    def _enough_nights(self) -> Self:
        if self.agree > self.nights:
            raise ValueError(f"agree ({self.agree}) is more than nights ({self.nights})")
        return self
