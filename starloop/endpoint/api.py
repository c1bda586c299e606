"""The endpoint's routes: light curves or ready features in, answers out."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import anyio.to_thread
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, StrictUndefined
from pydantic import TypeAdapter

from starloop.endpoint import described, formats, scoring
from starloop.endpoint.answering import Answering
from starloop.endpoint.batching import Batches
from starloop.endpoint.behind import Behind
from starloop.endpoint.documented import problem
from starloop.endpoint.schemas import MOST_CURVES, MOST_POINTS, Answer, LightCurve, ModelCard

MOST_AT_ONCE = 50
"""Light curves that are answered together: about half a second's work, for which the next request waits."""
_LONG = 2**20
"""Bytes of a body that may be many times as many in memory: only one of these is read at a time."""
_SHORT = 2**18
"""Bytes of features that are read in less time than another thread would take to begin."""
_ANSWERS = TypeAdapter(list[Answer])


class Api:
    """Answers with one model.

    Parameters
    ----------
    answering : Answering
        The model.
    log : Behind, optional
        Where answers are kept.
    """

    def __init__(self, answering: Answering, log: Behind | None) -> None:
        self._answering, self._log = answering, log
        self._batches = Batches(self._of_curves, most=MOST_AT_ONCE)
        self._scores = scoring.Scores(self._of_rows)
        self._one_long = Lock()

    def app(self) -> FastAPI:
        """Give the routes, not guarded yet."""
        # The usual documentation pages load their scripts from the network; the schema itself stays at /openapi.json.
        app = FastAPI(title="starloop", summary="Classifies ZTF light curves.", docs_url=None, redoc_url=None)
        page = _page(self._answering.card)

        # What comes is read by its Content-Type and what goes is written here, so FastAPI needs to see neither.
        @app.post("/classify", response_model=list[Answer], openapi_extra=described.classify())
        async def classify(request: Request) -> Response:
            """Classify light curves, in their order."""
            media = formats.media_type(request.headers.get("content-type", ""))
            body = await request.body()
            answers = await anyio.to_thread.run_sync(self._classified, media, body, abandon_on_cancel=True)
            return _json(answers)

        others: dict[int | str, dict[str, Any]] = {
            409: problem("The features are not those of the model that answers.")
        }

        @app.post("/score", response_model=list[Answer], responses=others, openapi_extra=described.score())
        async def score(request: Request) -> Response:
            """Classify objects by features that were computed elsewhere, by the same code, in their order."""
            media = formats.media_type(request.headers.get("content-type", ""))
            body = await request.body()
            if len(body) > _SHORT:
                rows = await anyio.to_thread.run_sync(scoring.rows, media, body, abandon_on_cancel=True)
            else:
                rows = scoring.rows(media, body)
            if rows.with_anomaly:
                return _json(await anyio.to_thread.run_sync(self._of_rows, rows, abandon_on_cancel=True))
            return _json(await self._scores.answer(rows))

        @app.get("/v1/model")
        async def model() -> ModelCard:
            """Tell which model answers, and what it was made from."""
            return self._answering.card

        @app.get("/", response_class=HTMLResponse, include_in_schema=False)
        async def small_page() -> str:
            return page

        return app

    def _classified(self, media: str, body: bytes) -> list[Answer]:
        if len(body) > _LONG:
            with self._one_long:
                return self._in_parts(formats.curves(media, body))
        return self._in_parts(formats.curves(media, body))

    def _in_parts(self, curves: Sequence[LightCurve]) -> list[Answer]:
        parts = (curves[first : first + MOST_AT_ONCE] for first in range(0, len(curves), MOST_AT_ONCE))
        return [answer for part in parts for answer in self._batches.answer(part)]

    def _of_curves(self, curves: Sequence[LightCurve]) -> list[Answer]:
        answers, values = self._answering.answer(curves)
        return self._kept(answers, values)

    def _of_rows(self, rows: scoring.Rows) -> list[Answer]:
        answers = self._answering.judged(rows.ids, rows.values, with_anomaly=rows.with_anomaly)
        return self._kept(answers, rows.values)

    def _kept(self, answers: list[Answer], values: Any) -> list[Answer]:
        for answer in answers:
            _counted(str(answer.model_version), answer.decision).inc()
        if self._log:
            self._log.write(answers, values)
        return answers


def _json(answers: list[Answer]) -> Response:
    return Response(_ANSWERS.dump_json(answers), media_type=formats.JSON)


@cache
def _counted(version: str, decision: str) -> Any:
    return _counter().labels(version, decision)


@cache
def _counter() -> Any:
    # BentoML says where its workers keep their numbers after this was imported, and this client reads it once.
    from prometheus_client import Counter

    return Counter("starloop_answers", "Light curves answered, by decision", ["model_version", "decision"])


def _page(card: ModelCard) -> str:
    template = Environment(autoescape=True, undefined=StrictUndefined).from_string(
        Path(__file__).with_name("page.html").read_text(encoding="utf-8")
    )
    return template.render(card=card, most_curves=MOST_CURVES, most_points=MOST_POINTS)
