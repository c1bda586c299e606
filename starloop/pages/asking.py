"""Asking the endpoint for those who ask the desk, and the desk's own routes for programs."""

from typing import Annotated, Any

import pyarrow as pa
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from starloop import explain, observed
from starloop.endpoint.client import Endpoint
from starloop.endpoint.problems import Refused
from starloop.endpoint.schemas import Answer
from starloop.endpoint.tokens import shown
from starloop.errors import ArchiveDown, BadInput, NotServed, StarloopError, UnknownObject
from starloop.features.extract import extract
from starloop.nights.one_object import NAME, named
from starloop.pages.frame import place
from starloop.predictions import Prediction

router = APIRouter()
_UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"description": "Nothing has that name."}}
_AWAY: dict[int | str, dict[str, Any]] = {502: {"description": "The endpoint or an archive failed."}}


class Asked(BaseModel):
    """Which object is asked for."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"id": "ZTF18aaagkqq"}]})

    # Told, not checked here: the sentence of `named` says more than a pattern.
    id: Annotated[str, Field(min_length=1, max_length=64, json_schema_extra={"pattern": NAME})]
    """A ZTF oid, or a star of the TESS Input Catalog as ``TIC 1234``."""


@router.post("/classify/object", responses=_UNKNOWN | _AWAY)
def classify_object(request: Request, asked: Asked) -> Answer:
    """Fetch an object's light curve from the configured sky, as a night would, and classify it."""
    try:
        name = named(asked.id)
    except BadInput as wrong:
        raise Refused.field("id", str(wrong)) from None
    try:
        return asked_of(request, observed.observe(place(request), name).body())
    except UnknownObject as wrong:
        raise Refused(404, str(wrong)) from None
    except (ArchiveDown, NotServed) as wrong:
        raise Refused(503, str(wrong)) from None
    except StarloopError as wrong:
        raise Refused(502, str(wrong)) from None


@router.get("/v1/predictions/{prediction_id}", responses=_UNKNOWN)
def prediction(request: Request, prediction_id: str) -> dict[str, Any]:
    """Tell why a prediction came out as it did, back to the archives: answer, model, data set, deciding features."""
    try:
        return explain.explain(place(request), prediction_id)
    except BadInput as wrong:
        raise Refused(404, str(wrong)) from None


def asked_of(request: Request, body: dict[str, Any]) -> Answer:
    """Have the endpoint classify a light curve, by the token of whoever asked."""
    # Whoever was let in here with a token asks with it there; where none is needed, none is shown.
    token = shown(request.headers.get("authorization", "")).decode() if request.state.asker else ""
    with Endpoint(observed.serving(place(request)), token=token) as endpoint:
        (told,) = endpoint.classify([body])
    return Answer.model_validate(told)


def answer(request: Request, body: dict[str, Any], curve: pa.Table) -> Prediction:
    """Give the endpoint's answer as `starloop.explain` takes it, with the features that this code computes."""
    told = asked_of(request, body)
    return Prediction(
        id=told.prediction_id,
        oid=told.id,
        night=None,
        answered_at=None,
        decision=told.decision,
        probabilities=told.probabilities,
        version=told.model_version,
        features=extract(curve),
        anomaly=told.anomaly,
    )
