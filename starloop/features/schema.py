"""The fixed schema of the features: names, types, and a digest of everything that decides their values."""

import hashlib
import importlib
import json
import pkgutil
from functools import cache
from typing import Any

import light_curve
import numpy as np
import pyarrow as pa

from starloop import features
from starloop.features.blocks import BLOCKS

# Raise it when the same constants give other values.
VERSION = 2

NAMES: tuple[str, ...] = tuple(name for block in BLOCKS for name in block.names)

# Modules that carry rows about and decide no value.
_CARRIERS = ("extract", "night", "partitions", "schema")


def schema() -> pa.Schema:
    """Give the columns of a feature table: oid, then `NAMES` as float32."""
    return pa.schema([("oid", pa.string()), *((name, pa.float32()) for name in NAMES)])


@cache
def digest() -> str:
    """Give the SHA-256 of the names, their types, the constants and the versions of the code behind them.

    Every upper-case name of the package's modules is a constant, so none that decides a value can be forgotten.
    """
    told = {
        "version": VERSION,
        "light_curve": light_curve.__version__,
        "columns": [[field.name, str(field.type)] for field in schema()],
        "constants": {module.name: _constants(module.name) for module in pkgutil.iter_modules(features.__path__)},
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=_plain).encode()).hexdigest()


def _constants(module: str) -> dict[str, Any]:
    if module in _CARRIERS:
        return {}
    known = vars(importlib.import_module(f"{features.__name__}.{module}"))
    return {name: value for name, value in known.items() if name.isupper() and name != "BLOCKS"}


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, pa.DataType | pa.Schema):
        return str(value)
    raise TypeError(
        f"a constant of the features is a {type(value).__name__}: make it a number, text or a tuple of them"
    )
