"""What the OpenAPI document says of bodies that FastAPI does not read, with examples that run."""

from typing import Any

import numpy as np

from starloop.endpoint.arrow import ARROW, PARQUET
from starloop.endpoint.formats import JSON
from starloop.endpoint.schemas import MOST_CURVES, MOST_ID, LightCurve
from starloop.features import schema

_CURVE = {
    "id": "ZTF18abcdefg",
    "mjd": [58909.2, 58909.24, 58912.19, 58912.25, 58916.2, 58916.27],
    "band": ["g", "r", "g", "r", "g", "r"],
    "mag": [18.21, 17.94, 17.68, 17.52, 18.02, 17.81],
    "err": [0.05, 0.04, 0.03, 0.03, 0.05, 0.04],
}
_FLUXES = {
    "id": "in nanojansky, with an upper limit",
    "mjd": [58909.2, 58912.19, 58916.2],
    "band": ["g", "g", "r"],
    "flux": [189.2, 308.3, 255.9],
    "flux_err": [8.7, 8.5, 9.1],
    "limit_mjd": [58905.3],
    "limit_mag": [20.4],
    "limit_band": ["g"],
    "redshift": 0.031,
}
_FEATURES = {"id": "ZTF18abcdefg", "g_observation_count": 24, "g_mean": 17.9, "r_observation_count": 31, "r_mean": None}
_GREATEST = float(np.finfo(np.float32).max)


def classify() -> dict[str, Any]:
    """Describe what ``POST /classify`` takes."""
    curves = {
        "type": "array",
        "minItems": 1,
        "maxItems": MOST_CURVES,
        "items": LightCurve.model_json_schema(),
    }
    table = "One light curve a row; a column has the name of a field of the JSON, lists where those are."
    return _body(
        curves,
        {
            "magnitudes": {"summary": "One light curve in magnitudes", "value": [_CURVE]},
            "several": {"summary": "Two, one of them in fluxes", "value": [_CURVE, _FLUXES]},
        },
        table,
    )


def score() -> dict[str, Any]:
    """Describe what ``POST /score`` takes, and its refusal of other features."""
    row = {
        "type": "object",
        "description": "An object's features by their names; one that is null or left out is missing.",
        "properties": {
            "id": {
                "type": "string",
                "minLength": 1,
                "maxLength": MOST_ID,
                "description": "The sender's name of the object; its place in the list unless given.",
            }
        },
        "propertyNames": {"enum": ["id", *schema.NAMES]},
        "additionalProperties": {"type": ["number", "null"], "minimum": -_GREATEST, "maximum": _GREATEST},
    }
    asked = {
        "type": "object",
        "required": ["feature_schema", "rows"],
        "additionalProperties": False,
        "properties": {
            "feature_schema": {
                "const": schema.digest(),
                "description": "Of the code that computed the features; GET /v1/model tells the model's.",
            },
            "rows": {"type": "array", "minItems": 1, "maxItems": MOST_CURVES, "items": row},
            "anomaly": {
                "type": "boolean",
                "default": False,
                "description": "Say how odd each object is, too, which takes longer than all the rest.",
            },
        },
    }
    table = (
        "One object a row, one feature a column, and a column id where it is known;"
        " feature_schema (and anomaly, as true) in the metadata of the table's schema."
    )
    examples = {
        "features": {
            "summary": "One object of which little is known",
            "value": {"feature_schema": schema.digest(), "rows": [_FEATURES]},
        }
    }
    return _body(asked, examples, table)


def _body(json_schema: dict[str, Any], examples: dict[str, Any], table: str) -> dict[str, Any]:
    binary = {"schema": {"type": "string", "format": "binary", "description": table}}
    content = {JSON: {"schema": json_schema, "examples": examples}, ARROW: binary, PARQUET: binary}
    return {"requestBody": {"required": True, "content": content}}
