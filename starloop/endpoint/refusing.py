"""Having FastAPI answer what it refuses as problem+json."""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from starloop.endpoint.problems import FieldError, Refused

_UNREADABLE = "There was an error parsing the body"
"""FastAPI's words for a body that its JSON parser failed on otherwise than by a syntax error."""


def refusing(app: FastAPI) -> None:
    """Install the handlers of `Refused`, of validation errors and of FastAPI's own refusals."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _own)


def _refused(request: Request, refused: Exception) -> Response:
    assert isinstance(refused, Refused)  # noqa: S101 - what it was installed for
    return refused.response(request.state.request_id)


def _invalid(request: Request, wrong: Exception) -> Response:
    assert isinstance(wrong, RequestValidationError)  # noqa: S101 - what it was installed for
    return Refused.fields([FieldError.of(error, skip=1) for error in wrong.errors()]).response(request.state.request_id)


def _own(request: Request, refused: Exception) -> Response:
    assert isinstance(refused, HTTPException)  # noqa: S101 - what it was installed for
    detail = refused.detail
    if detail == HTTPStatus.NOT_FOUND.phrase:
        detail = "there is nothing at this address; /openapi.json tells what there is"
    if detail == _UNREADABLE:
        detail = "the body is not JSON in UTF-8, or is nested too deep"
    if detail == HTTPStatus.METHOD_NOT_ALLOWED.phrase:
        detail = f"this address does not take {request.method}"
    return Refused(refused.status_code, detail, headers=refused.headers).response(request.state.request_id)
