"""What a refused request is answered with: problem+json (RFC 9457), with the path of every field that is wrong."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Self

from pydantic import BaseModel
from pydantic_core import ErrorDetails
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 100


class FieldError(BaseModel):
    """One thing that is wrong with a request."""

    path: str
    """The field, as ``[0].mag[3]``; ``body`` for the request as a whole."""
    problem: str

    @classmethod
    def of(cls, error: ErrorDetails, skip: int = 0) -> Self:
        """Translate one validation error of pydantic's.

        Parameters
        ----------
        error : ErrorDetails
            Has ``loc``, ``type`` and ``msg``.
        skip : int
            Parts of ``loc`` in front that name no field (FastAPI's begin with ``body`` or ``query``).
        """
        if error["type"] == "json_invalid":
            return cls(path="body", problem=f"is not JSON: {error.get('ctx', {}).get('error', error['msg'])}")
        steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in error["loc"][skip:]]
        return cls(path="".join(steps).lstrip(".") or "body", problem=error["msg"].removeprefix("Value error, "))


class Problem(BaseModel):
    """Why a request was not answered."""

    type: str = "about:blank"
    title: str
    """The status in words."""
    status: int
    detail: str
    """One sentence: what is wrong, and what to do."""
    errors: list[FieldError] = []
    """The fields that are wrong, at most the first hundred."""
    request_id: str
    """Also in the header ``X-Request-ID`` and in the log."""


class Refused(Exception):
    """A request that is answered with a problem.

    Parameters
    ----------
    status : int
        Of HTTP.
    detail : str
        One sentence: what is wrong, and what to do.
    errors : sequence of FieldError
        The fields that are wrong.
    headers : mapping, optional
        Beside those every answer has.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors, self.headers = status, detail, list(errors[:MOST_ERRORS]), headers

    @classmethod
    def fields(cls, errors: Sequence[FieldError]) -> Self:
        """Refuse a request for its fields, with 400."""
        first, more = errors[0], len(errors) - 1
        others = f" (and {more} more)" if more else ""
        return cls(HTTPStatus.BAD_REQUEST, f"{first.path}: {first.problem}{others}", errors)

    @classmethod
    def field(cls, path: str, problem: str) -> Self:
        """Refuse a request for one field, with 400."""
        return cls.fields([FieldError(path=path, problem=problem)])

    def response(self, request_id: str) -> Response:
        """Give the answer."""
        problem = Problem(
            title=HTTPStatus(self.status).phrase,
            status=self.status,
            detail=self.detail,
            errors=self.errors,
            request_id=request_id,
        )
        # A lone surrogate in an echoed value has no UTF-8: the escapes of ASCII can say it.
        body = json.dumps(problem.model_dump())
        return Response(body, self.status, headers=self.headers, media_type=MEDIA_TYPE)
