"""The webhook that alerts go to by default: each becomes a line of a file."""

import json
from datetime import UTC, datetime
from pathlib import Path

from fastapi import FastAPI, Request

MOST_BYTES = 1_000_000
"""An alert is a few sentences; more is none."""


def app(file: Path) -> FastAPI:
    """Give the application that appends to a file.

    Parameters
    ----------
    file : Path
        One JSON object a line: ``at`` (ISO 8601, UTC), ``title`` and ``message``.
    """
    served = FastAPI(openapi_url=None)
    file.parent.mkdir(parents=True, exist_ok=True)

    @served.get("/health")
    async def health() -> dict[str, str]:
        return {"file": str(file)}

    @served.post("/alerts", status_code=204)
    async def receive(request: Request) -> None:
        told = _read((await request.body())[:MOST_BYTES])
        with file.open("a", encoding="utf-8") as out:
            out.write(json.dumps({"at": datetime.now(UTC).isoformat(), **told}, ensure_ascii=False) + "\n")

    return served


def run(file: Path, port: int) -> None:
    """Serve on 127.0.0.1 until interrupted."""
    import uvicorn

    uvicorn.run(app(file), host="127.0.0.1", port=port, log_level="warning")


def read(file: Path) -> list[dict[str, str]]:
    """Give the alerts that were received, oldest first."""
    if not file.is_file():
        return []
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def _read(body: bytes) -> dict[str, str]:
    """Read what Apprise sends; of anything else the text is kept."""
    text = body.decode("utf-8", "replace")
    try:
        told = json.loads(text)
    except json.JSONDecodeError:
        told = None
    if not isinstance(told, dict):
        return {"title": "", "message": text}
    return {"title": str(told.get("title", "")), "message": str(told.get("message", text))}
