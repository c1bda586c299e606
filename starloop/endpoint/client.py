"""Asking the endpoint, from Python.

>>> from starloop.endpoint.client import Endpoint
>>> with Endpoint("http://127.0.0.1:8700") as endpoint:  # doctest: +SKIP
...     answers = endpoint.classify([{"id": "mine", "mjd": mjd, "mag": mag, "err": err, "band": band}])

The token is in ``STARLOOP_TOKEN`` unless it is given.
"""

import gzip
import os
from collections.abc import Mapping, Sequence
from typing import Any, Self

import httpx
import orjson
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, stop_after_delay
from tenacity.wait import wait_exponential_jitter

from starloop.endpoint.schemas import MOST_CURVES
from starloop.errors import BadInput, StarloopError

TIMEOUT_S = 60.0
_ATTEMPTS = 4
_GZIP_FROM = 1_024
# What another attempt may cure: too much was asked at once, or a process is being exchanged.
_CURABLE = frozenset({429, 502, 503, 504})
_BACKOFF = wait_exponential_jitter(initial=0.2, jitter=0.2)


class _Again(Exception):
    """What may go well the next time.

    Parameters
    ----------
    error : StarloopError
        What to say when it did not.
    after_s : float
        How long the endpoint asked to wait, seconds.
    """

    def __init__(self, error: StarloopError, after_s: float = 0.0) -> None:
        super().__init__(str(error))
        self.error, self.after_s = error, after_s


class Endpoint:
    """An endpoint that is asked over connections that stay open; a context manager.

    What another attempt may cure (429, 502, 503, 504 and connections that fail) is asked again up to three times, with
    growing pauses or after as long as the endpoint says; anything else is not. An answer that is asked for twice may be
    in the endpoint's log twice.

    Parameters
    ----------
    url : str
        As in ``http://127.0.0.1:8700``.
    token : str, optional
        Shown to the endpoint; that of ``STARLOOP_TOKEN`` unless given, and none where that is not set.
    within_s : float
        The longest to wait for one answer, seconds; another attempt begins only in that time.
    """

    def __init__(self, url: str, *, token: str | None = None, within_s: float = TIMEOUT_S) -> None:
        self._url, self._within_s = url.rstrip("/"), within_s
        token = os.environ.get("STARLOOP_TOKEN", "") if token is None else token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(headers=headers, timeout=within_s, trust_env=False)

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close its connections."""
        self._http.close()

    def classify(self, curves: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Classify light curves, in requests of at most 1,000.

        Parameters
        ----------
        curves : sequence of mapping
            Each as `starloop.endpoint.schemas.LightCurve`: id, mjd (days), mag, err (magnitudes) and band, and whatever
            else is known; lists, or NumPy arrays of numbers.

        Returns
        -------
        list of dict
            One answer a light curve, in their order.

        Raises
        ------
        BadInput
            When the endpoint refuses a light curve (names the field) or the token.
        StarloopError
            When the endpoint does not answer, or fails.
        """
        answers: list[dict[str, Any]] = []
        for first in range(0, max(len(curves), 1), MOST_CURVES):
            answers += self._asked("POST", "/classify", list(curves[first : first + MOST_CURVES]))
        return answers

    def score(
        self, feature_schema: str, rows: Sequence[Mapping[str, Any]], *, anomaly: bool = False
    ) -> list[dict[str, Any]]:
        """Classify objects by ready features, at most 1,000; `BadInput` when they are not those of the model.

        Parameters
        ----------
        feature_schema : str
            Of the code that computed them: `starloop.features.schema.digest`.
        rows : sequence of mapping
            Features by their names, and the object's ``id``; None is missing.
        anomaly : bool
            Say how odd each object is, too.
        """
        asked = {"feature_schema": feature_schema, "rows": list(rows), "anomaly": anomaly}
        answers: list[dict[str, Any]] = self._asked("POST", "/score", asked)
        return answers

    def model(self) -> dict[str, Any]:
        """Give the card of the model that answers."""
        card: dict[str, Any] = self._asked("GET", "/v1/model")
        return card

    def _asked(self, method: str, path: str, body: object = None) -> Any:
        content = b"" if body is None else orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY)
        headers = {"Content-Type": "application/json"} if content else {}
        if len(content) > _GZIP_FROM:
            content, headers["Content-Encoding"] = gzip.compress(content, compresslevel=1, mtime=0), "gzip"
        again = Retrying(
            retry=retry_if_exception_type(_Again),
            stop=stop_after_attempt(_ATTEMPTS) | stop_after_delay(self._within_s),
            wait=_pause,
            reraise=True,
        )
        try:
            return again(self._once, method, path, content, headers)
        except _Again as last:
            raise last.error from None

    def _once(self, method: str, path: str, content: bytes, headers: dict[str, str]) -> Any:
        try:
            reply = self._http.request(method, self._url + path, content=content, headers=headers)
        except httpx.TimeoutException:
            raise StarloopError(f"the endpoint at {self._url} gave no answer in {self._within_s:g} s") from None
        except httpx.TransportError as failure:
            raise _Again(
                StarloopError(f"the endpoint at {self._url} does not answer ({type(failure).__name__})")
            ) from None
        if reply.is_success:
            return self._json(reply)
        detail = self._json(reply).get("detail", "") if "json" in reply.headers.get("content-type", "") else ""
        if reply.status_code in _CURABLE:
            failed = StarloopError(f"the endpoint at {self._url} refuses for now, with {reply.status_code}: {detail}")
            raise _Again(failed, _seconds(reply.headers.get("retry-after", "")))
        if httpx.codes.is_client_error(reply.status_code):
            raise BadInput(f"the endpoint refuses the request: {detail or reply.reason_phrase}")
        raise StarloopError(f"the endpoint at {self._url} failed with {reply.status_code}; its log says why")

    def _json(self, reply: httpx.Response) -> Any:
        try:
            return orjson.loads(reply.content)
        except orjson.JSONDecodeError:
            raise StarloopError(
                f"what answers at {self._url} is no endpoint of starloop's: its answer is not JSON"
            ) from None


def _pause(state: RetryCallState) -> float:
    failure = state.outcome.exception() if state.outcome else None
    asked = failure.after_s if isinstance(failure, _Again) else 0.0
    return max(asked, _BACKOFF(state))


def _seconds(told: str) -> float:
    # A proxy may tell a date instead; then the growing pauses have to do.
    return float(told) if told.isdecimal() else 0.0


def classify(url: str, curves: Sequence[Mapping[str, Any]], within_s: float = TIMEOUT_S) -> list[dict[str, Any]]:
    """Classify light curves once, as `Endpoint.classify`."""
    with Endpoint(url, within_s=within_s) as endpoint:
        return endpoint.classify(curves)


def model(url: str, within_s: float = TIMEOUT_S) -> dict[str, Any]:
    """Give the card of the model that answers, as `Endpoint.model`."""
    with Endpoint(url, within_s=within_s) as endpoint:
        return endpoint.model()
