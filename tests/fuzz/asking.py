"""Asking, and judging a refusal."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import httpx

from tests.fuzz.bodies import Body

WITHIN_S = 90.0
_PROBLEM = "application/problem+json"
_ALERT = 'role="alert"'
"""What a page marks a reason with."""


@dataclass
class Verdict:
    """What became of many bodies.

    Parameters
    ----------
    asked : int
        How many were sent.
    statuses : Counter
        Of the answers, 0 for none.
    wrong : list of str
        What should have been answered otherwise.
    """

    asked: int = 0
    statuses: "Counter[int]" = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def failures(self) -> int:
        """Answers of 500 and more, and requests without one."""
        return sum(number for status, number in self.statuses.items() if status == 0 or status >= 500)


def asked(url: str, bodies: Iterable[Body], *, hopeless: bool) -> Verdict:
    """Send bodies one after another.

    Parameters
    ----------
    url : str
        Of the endpoint.
    bodies : iterable of Body
        What is sent.
    hopeless : bool
        Whether each must be refused; otherwise it may be.
    """
    verdict = Verdict()
    with httpx.Client(base_url=url, timeout=WITHIN_S, trust_env=False) as client:
        for body in bodies:
            verdict.asked += 1
            try:
                reply = client.post(body.path, content=body.content, headers=body.headers)
            except httpx.TransportError as failure:
                verdict.statuses[0] += 1
                verdict.wrong.append(f"{body.wrong}, to {body.path}: {failure!r}")
                continue
            verdict.statuses[reply.status_code] += 1
            wrong = refusal(reply) if hopeless or reply.is_error else None
            if wrong:
                verdict.wrong.append(f"{body.wrong}, to {body.path}: {wrong}")
    return verdict


def refusal(reply: httpx.Response) -> str | None:
    """Say what is wrong with a refusal; None when it is a 4xx that says why."""
    if not 400 <= reply.status_code < 500:
        return f"{reply.status_code}, not a 4xx: {reply.text[:300]}"
    if reply.request.url.path == "/object" and reply.headers.get("content-type", "").startswith("text/html"):
        return None if _ALERT in reply.text else f"{reply.status_code} is a page that does not say why"
    if reply.headers.get("content-type") != _PROBLEM:
        return f"{reply.status_code} is {reply.headers.get('content-type')}, not {_PROBLEM}"
    told = reply.json()
    if told["status"] != reply.status_code or told["request_id"] != reply.headers["x-request-id"]:
        return f"the problem and its answer differ: {told}"
    # What cannot be unpacked has no fields, and neither has a form that is none.
    fields = reply.status_code == 400 and reply.request.url.path in ("/classify", "/score")
    fields = fields and "content-encoding" not in reply.request.headers
    if not told["detail"].strip() or (fields and not told["errors"]):
        return f"{reply.status_code} without a reason: {told}"
    return None
