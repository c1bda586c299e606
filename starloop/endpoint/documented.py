"""The OpenAPI document of a guarded app: every status it answers, and its tokens."""

from typing import Any

from fastapi import FastAPI

from starloop.endpoint.problems import MEDIA_TYPE, Problem

_OF_EVERY_ROUTE = {
    429: "More requests than the token may make; Retry-After says when to come again.",
    500: "The endpoint failed; its log says why.",
    503: "Too many requests are under way; come again.",
    504: "There was no answer in time.",
}
_OF_A_BODY = {
    400: "Something is wrong with the request; errors names the fields.",
    408: "The body did not come in time.",
    413: "The body is too long.",
    415: "The body is of a type, or packed in a way, that is not taken.",
}
_OF_TOKENS = {401: "No good token came with the request."}
_SCHEME = {"type": "http", "scheme": "bearer", "description": "The token; or Basic, with the token as password."}


def documented(app: FastAPI, *, with_tokens: bool) -> None:
    """Have the app's OpenAPI document say what the guard answers, and nothing it does not."""
    inner = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(inner(), with_tokens)
        return inner()

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(document: dict[str, Any], with_tokens: bool) -> None:
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    # FastAPI's own form of a validation error, which is never answered.
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    form = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(form.pop("$defs"), Problem=form)
    if with_tokens:
        components["securitySchemes"] = {"token": _SCHEME}
        document["security"] = [{"token": []}]
    for operations in document["paths"].values():
        for operation in operations.values():
            answered = operation["responses"]
            invalid = answered.pop("422", None)
            statuses = _OF_EVERY_ROUTE | (_OF_TOKENS if with_tokens else {})
            if "requestBody" in operation:
                statuses |= _OF_A_BODY
            elif invalid:
                statuses |= {400: _OF_A_BODY[400]}
            for status, description in statuses.items():
                answered.setdefault(str(status), problem(description))


def problem(description: str) -> dict[str, Any]:
    """Describe an answer that is a problem."""
    return {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
