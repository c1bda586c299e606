"""What params.yaml says of the data set, the training and the gate, checked."""

from pydantic import BaseModel, ConfigDict, Field

_STRICT = ConfigDict(frozen=True, extra="forbid")


class DatasetParams(BaseModel):
    """How the data set is divided."""

    model_config = _STRICT

    test_share: float = Field(0.25, gt=0, lt=1)
    """Share of sky positions that are only ever tested on."""


class SearchParams(BaseModel):
    """The budget of a search for better knobs."""

    model_config = _STRICT

    trials: int = Field(0, ge=0)
    """How many sets of knobs are tried; with 0 the given ones are taken."""
    seconds: float = Field(1800, gt=0)
    """After which no new trial begins. Where it cuts a search short, the same rows may give another model."""


class TrainParams(BaseModel):
    """How the classifier is trained."""

    model_config = _STRICT

    rounds: int = Field(180, ge=1)
    """Most boosting rounds."""
    patience: int = Field(30, ge=1)
    """Rounds without a better held-out loss after which a fold stops."""
    max_depth: int = Field(4, ge=1)
    eta: float = Field(0.08, gt=0, le=1)
    min_child_weight: float = Field(2.0, ge=0)
    """Least sum of the rows' Hessians in a leaf."""
    subsample: float = Field(0.7, gt=0, le=1)
    """Share of the rows a tree sees."""
    colsample_bytree: float = Field(0.3, gt=0, le=1)
    """Share of the features a tree sees."""
    max_bin: int = Field(64, ge=2, le=256)
    """Bins a feature is cut into."""
    class_weight: float = Field(0.25, ge=0, le=1)
    """Power of a class's rarity that a row of it weighs: 0 is a row a row, 1 a class a class."""
    folds: int = Field(5, ge=2)
    hidden_share: float = Field(0.33, ge=0, le=1)
    """Share of the positions at which each thing that not every asker has is hidden in training."""
    search: SearchParams = SearchParams()
    min_labels: int = Field(8, ge=1)
    """Training labels a class needs; a rarer one is folded into its parent."""
    target_precision: float = Field(0.8, gt=0, le=1)
    """Precision each class's threshold is set for."""
    seed: int = 1


class GateParams(BaseModel):
    """What a challenger must show."""

    model_config = _STRICT

    bootstrap: int = Field(1000, ge=1)
    confidence: float = Field(0.95, gt=0.5, lt=1)
    """Confidence of the one-sided lower bound of the macro-F1 difference."""
    tolerance: float = Field(0.02, ge=0)
    """Macro-F1 that may be lost."""
    class_tolerance: float = Field(0.15, ge=0)
    """Recall a class may lose; more holds back when it is beyond chance, and more than one object."""
    floor_macro_f1: float = Field(0.35, ge=0, le=1)
    """Macro-F1 of a first champion."""
    seed: int = 1


class RetrainParams(BaseModel):
    """When a challenger is worth its while; a drift event does not wait for it."""

    model_config = _STRICT

    first_labels: int = Field(60, ge=1)
    """Labelled objects before a first champion is tried."""
    growth: float = Field(0.5, gt=0)
    """Labelled objects beyond those known before, as a share of them."""
    give_up: int = Field(3, ge=1)
    """Challengers refused in a row after which none is trained unless a person asks."""
