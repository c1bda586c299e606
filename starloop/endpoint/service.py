"""The endpoint as a BentoML service: its routes are an app that is made when the service starts."""

import gc
import logging
import os
import signal
import socket
import sys

import bentoml
from starlette.types import ASGIApp, Receive, Scope, Send

from starloop.endpoint.serving import Serving
from starloop.errors import BadInput


class Routes:
    """Every path but BentoML's own ``/healthz``, ``/livez`` and ``/readyz``, from the start of the service on."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self.app(scope, receive, send)


routes = Routes()


# The guard logs, measures and times requests; BentoML's own means cost a tenth of a request's time and keep what it
# was asked for ever. Its time limit cannot be switched off, so it is one that the guard's comes before.
@bentoml.service(
    name="starloop",
    workers=Serving().workers,
    traffic={"timeout": 75},
    metrics={"enabled": False},
    logging={"access": {"enabled": False}},
    tracing={"excluded_urls": ".*"},
)
@bentoml.asgi_app(routes)
class Starloop:
    """Classifies light curves of variable stars and transients."""

    def __init__(self) -> None:
        try:
            self._start()
        except BadInput as wrong:
            if bentoml.server_context.worker_index is None:
                raise
            # BentoML would start this process again for ever, and each time hear the same.
            sys.stderr.write(f"starloop: {wrong}\n")
            sys.stderr.flush()
            os.kill(os.getppid(), signal.SIGTERM)
            os._exit(2)

    def _start(self) -> None:
        # BentoML's supervisor imports this module too, and needs none of these.
        from starloop.endpoint.answering import Answering
        from starloop.endpoint.api import Api
        from starloop.endpoint.behind import Behind
        from starloop.endpoint.guard import Guarding, check_bind, guarded
        from starloop.endpoint.metrics import measured
        from starloop.endpoint.prediction_log import PredictionLog

        # BentoML shows warnings alone; every request is told, with its id.
        logging.getLogger("starloop").setLevel(logging.INFO)
        serving, guarding = Serving(), Guarding()
        for host in _listening():
            check_bind(host, guarding)
        answering = Answering.load(serving.model_folder)
        worker = bentoml.server_context.worker_index or 1
        log = (
            Behind(PredictionLog(serving.prediction_log, answering.version, worker)) if serving.prediction_log else None
        )
        routes.app = measured(guarded(Api(answering, log).app(), settings=guarding))
        # The loaded modules never become garbage; scanning them costs a tenth of a second in every collection.
        gc.collect()
        gc.freeze()


def _listening() -> set[str]:
    """Give the addresses this process was started to listen on; BentoML tells a worker none of them."""
    import psutil

    return {
        one.laddr.ip
        for one in psutil.Process().net_connections(kind="inet")
        if one.status == psutil.CONN_LISTEN and one.type == socket.SOCK_STREAM
    }
