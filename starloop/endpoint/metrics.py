"""Counting requests, under the names BentoML gives them.

BentoML's own middleware keeps a series for every path that was ever asked for, also for those that are not there, and
whoever tries paths makes the process grow. Here a path that is no route counts as `OTHER`.
"""

import os
from functools import cache, cached_property
from time import perf_counter
from typing import Any

from fastapi import FastAPI, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

OTHER = "other"
_LABELS = ("endpoint", "http_response_code")


def measured(app: FastAPI) -> FastAPI:
    """Count and time the requests of an app that has not answered yet, and tell all that is counted at ``/metrics``.

    It goes around every middleware that was added before.
    """
    app.add_middleware(Measured, routes=app)
    app.add_api_route("/metrics", metrics, include_in_schema=False)
    return app


def metrics() -> Response:
    """Give the numbers of all workers, as Prometheus reads them."""
    import prometheus_client
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = prometheus_client.REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = prometheus_client.CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # it has no types
    return Response(prometheus_client.generate_latest(registry), media_type=prometheus_client.CONTENT_TYPE_LATEST)


class Measured:
    """ASGI middleware; see `measured`."""

    def __init__(self, app: ASGIApp, routes: FastAPI) -> None:
        self._app, self._routes = app, routes
        self._kept: dict[tuple[str, int], tuple[Any, Any]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and count it."""
        if scope["type"] != "http" or scope["path"] == "/metrics":
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        status = 0

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        _, _, under_way = _counters()
        under_way.inc()
        try:
            await self._app(scope, receive, seen)
        finally:
            under_way.dec()
            # An answer that never began is a failure to whoever asked.
            total, duration = self._of(scope["path"], status or 500)
            total.inc()
            duration.observe(perf_counter() - began)

    def _of(self, path: str, status: int) -> tuple[Any, Any]:
        labels = (path if path in self._known else OTHER, status)
        if labels not in self._kept:
            total, duration, _ = _counters()
            self._kept[labels] = total.labels(*labels), duration.labels(*labels)
        return self._kept[labels]

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(getattr(route, "path", OTHER) for route in self._routes.routes)


@cache
def _counters() -> tuple[Any, Any, Any]:
    # BentoML says where its workers keep their numbers after this was imported, and this client reads it once.
    from prometheus_client import Counter, Gauge, Histogram

    name = "bentoml_service_request"
    return (
        Counter(f"{name}_total", "Requests answered", _LABELS),
        Histogram(f"{name}_duration_seconds", "Seconds to the whole answer", _LABELS),
        Gauge(f"{name}_in_progress", "Requests under way", multiprocess_mode="livesum"),
    )
