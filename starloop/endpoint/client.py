"""Asking the endpoint, from Python."""

from typing import Any

import httpx

from starloop.errors import BadInput, StarloopError

TIMEOUT_S = 60.0


def classify(url: str, curves: list[dict[str, Any]], within_s: float = TIMEOUT_S) -> list[dict[str, Any]]:
    """Classify light curves.

    Parameters
    ----------
    url : str
        Of the endpoint, as in ``http://127.0.0.1:8700``.
    curves : list of dict
        Each as `starloop.endpoint.schemas.LightCurve`: id, mjd (days), mag, err (magnitudes) and band, and whatever
        else is known; at most 1,000.
    within_s : float
        How long to wait, seconds.

    Returns
    -------
    list of dict
        One answer a light curve, in their order.

    Raises
    ------
    BadInput
        When the endpoint refuses a light curve; names the field.
    StarloopError
        When the endpoint does not answer, or fails.
    """
    answers: list[dict[str, Any]] = _asked(url, "POST", "/classify", within_s, curves)
    return answers


def model(url: str, within_s: float = TIMEOUT_S) -> dict[str, Any]:
    """Give the card of the model that answers; raise `StarloopError` when nothing does."""
    card: dict[str, Any] = _asked(url, "GET", "/v1/model", within_s)
    return card


def _asked(url: str, method: str, path: str, within_s: float, body: object = None) -> Any:
    try:
        reply = httpx.request(method, url.rstrip("/") + path, json=body, timeout=within_s, trust_env=False)
    except httpx.TransportError as failure:
        raise StarloopError(f"the endpoint at {url} does not answer ({type(failure).__name__})") from None
    if reply.status_code == httpx.codes.BAD_REQUEST:
        first = reply.json()["detail"][0]
        raise BadInput(f"the endpoint refuses the request: {first['path']}: {first['problem']}")
    if reply.is_error:
        raise StarloopError(f"the endpoint at {url} failed with {reply.status_code}; its log says why")
    try:
        return reply.json()
    except ValueError:
        raise StarloopError(f"what answers at {url} is no endpoint of starloop's: its answer is not JSON") from None
