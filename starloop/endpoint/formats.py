"""Light curves as they are sent: JSON, Arrow or Parquet, held to one set of rules."""

from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from starloop.endpoint import arrow
from starloop.endpoint.arrow import ARROW, PARQUET
from starloop.endpoint.problems import FieldError, Refused
from starloop.endpoint.schemas import MOST_CURVES, LightCurve

JSON = "application/json"
_CURVES = TypeAdapter(Annotated[list[LightCurve], Field(min_length=1, max_length=MOST_CURVES)])


def media_type(content_type: str) -> str:
    """Give the type of a body, as ``application/json``; raise `Refused` (415) when it is none of the three."""
    told = content_type.partition(";")[0].strip().lower()
    if told not in (JSON, ARROW, PARQUET):
        raise Refused(
            415,
            f"the body's Content-Type is {told[:100] or 'not given'}; {JSON}, {ARROW} and {PARQUET} are taken",
            headers={"Accept": f"{JSON}, {ARROW}, {PARQUET}"},
        )
    return told


def curves(media: str, body: bytes) -> list[LightCurve]:
    """Read light curves; raise `Refused` (400) with the path of every field that is wrong.

    Parameters
    ----------
    media : str
        As `media_type` gives it. In a table a light curve is a row, and a column has the name of the field.
    body : bytes
        Unpacked.
    """
    try:
        if media == JSON:
            return _CURVES.validate_json(body)
        return _CURVES.validate_python(arrow.table(media, body).to_pylist())
    except ValidationError as wrong:
        errors = wrong.errors(include_url=False, include_input=False)
        raise Refused.fields([FieldError.of(error) for error in errors]) from None
