"""The endpoint: a BentoML service whose routes are a FastAPI app.

BentoML adds its own ``/healthz``, ``/livez``, ``/readyz`` and ``/metrics`` before a mounted app and its index page
after it, and a mounted app is only asked for the paths it has: so all of them stay reachable beside the app at ``/``.
"""

import gc
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import bentoml
from fastapi import Body, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from jinja2 import Environment, StrictUndefined

from starloop.endpoint.answering import Answering
from starloop.endpoint.batching import Batches
from starloop.endpoint.prediction_log import PredictionLog
from starloop.endpoint.schemas import MOST_CURVES, MOST_POINTS, Answer, LightCurve, ModelCard, Problem
from starloop.endpoint.serving import Serving

MOST_PROBLEMS = 100
MOST_AT_ONCE = 200
"""Light curves of several requests that are answered together: about a second's work."""

# The usual documentation pages load their scripts from the network; the schema itself stays at /openapi.json.
app = FastAPI(title="starloop", summary="Classifies ZTF light curves.", docs_url=None, redoc_url=None)


@app.exception_handler(RequestValidationError)
def bad_input(request: Request, error: RequestValidationError) -> JSONResponse:
    """Answer 400 with the path of every field that is wrong, at most the first hundred."""
    detail = [Problem.of(one).model_dump() for one in error.errors()[:MOST_PROBLEMS]]
    return JSONResponse({"detail": detail}, status_code=400)


@bentoml.service(name="starloop", workers=1, traffic={"timeout": 60})
@bentoml.asgi_app(app)
class Starloop:
    """Classifies light curves of variable stars and transients."""

    def __init__(self) -> None:
        serving = Serving()
        self.answering = Answering.load(serving.model_folder)
        card = self.answering.card
        self.page_text = _page(card)
        self.log = (
            PredictionLog(serving.prediction_log, card.version, card.feature_schema) if serving.prediction_log else None
        )
        self.counter = _counter()
        self.batches = Batches(self.answers, most=MOST_AT_ONCE)
        # The loaded modules never become garbage; scanning them costs a tenth of a second in every collection.
        gc.collect()
        gc.freeze()

    @app.post("/classify")
    def classify(self, curves: Annotated[list[LightCurve], Body(min_length=1, max_length=MOST_CURVES)]) -> list[Answer]:
        """Classify light curves, in their order."""
        return self.batches.answer(curves)

    def answers(self, curves: Sequence[LightCurve]) -> list[Answer]:
        """Answer light curves of one or several requests, and keep what was answered."""
        answers, features = self.answering.answer(curves)
        for answer in answers:
            self.counter.labels(str(answer.model_version), answer.decision).inc()
        if self.log:
            self.log.write(answers, features)
        return answers

    @app.get("/v1/model")
    def model(self) -> ModelCard:
        """Tell which model answers."""
        return self.answering.card

    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    def page(self) -> str:
        """Show the page for people."""
        return self.page_text


@cache
def _counter() -> Any:
    # BentoML sets the folder of its workers' metrics after this module was imported, and this client reads it once.
    from prometheus_client import Counter

    return Counter("starloop_answers", "Light curves answered, by decision", ["model_version", "decision"])


def _page(card: ModelCard) -> str:
    template = Environment(autoescape=True, undefined=StrictUndefined).from_string(
        Path(__file__).with_name("page.html").read_text(encoding="utf-8")
    )
    return template.render(card=card, most_curves=MOST_CURVES, most_points=MOST_POINTS)
