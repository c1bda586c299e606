"""JSON files that a night's steps leave in the home."""

import json
from pathlib import Path
from typing import Any


def read(path: Path) -> dict[str, Any] | None:
    """Read a JSON file; None where there is none, for a night need not have every step."""
    found: dict[str, Any] | None = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    return found
