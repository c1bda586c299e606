"""Asking an archive: deadlines, retries, many questions at once, and what to say when it does not answer."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from starloop.errors import ArchiveDown
from starloop.settings import Archives

T = TypeVar("T")

TRIES = 4
FAILING_SHARE = 0.02
_CONNECT_S = 10.0
_LONGEST_WAIT_S = 30.0
_BACKOFF = wait_exponential_jitter(initial=0.3, max=8, jitter=0.5)


class Unavailable(Exception):
    """The archive could not answer now; the same request may succeed in a moment."""

    def __init__(self, reason: str, after_s: float = 0.0) -> None:
        super().__init__(reason)
        self.after_s = after_s


class Refused(Exception):
    """The archive answered, but not with what was asked for; asking again would not help."""


@dataclass(frozen=True)
class Archive:
    """One archive, and how long it may take.

    Parameters
    ----------
    name, url : str
        As a person knows it, and where it is.
    variable : str
        The environment variable that says where it is.
    timeout_s : float
        How long one answer may take as a whole, seconds.
    """

    name: str
    url: str
    variable: str
    timeout_s: float

    def ask(self, call: Callable[[], T]) -> T:
        """Call until it answers, `TRIES` times at most, each within the deadline.

        Raises
        ------
        ArchiveDown
            When no try was answered.
        Refused
            From `call`, which is then not repeated.
        """
        retrying = Retrying(
            stop=stop_after_attempt(TRIES),
            wait=_wait,
            retry=retry_if_exception_type((Unavailable, httpx.TransportError, TimeoutError)),
            reraise=True,
        )
        try:
            answer: T = retrying(_within, self.timeout_s, call)
            return answer
        except (Unavailable, httpx.TransportError, TimeoutError) as last:
            raise self.down(str(last) or type(last).__name__) from last

    def down(self, reason: str) -> ArchiveDown:
        """Give the error that says this archive is of no use now."""
        return ArchiveDown(
            f"{self.name} at {self.url} does not answer ({reason}): try again later or check {self.variable}"
        )

    def each(
        self,
        keys: Iterable[str],
        ask: Callable[[str], T],
        connections: int,
        progress: Callable[[int, int], None],
    ) -> tuple[dict[str, T], dict[str, str]]:
        """Ask one question a key, `connections` at a time.

        Returns
        -------
        answers : dict
            By key, sorted.
        failures : dict
            Why each other key has no answer, sorted.

        Raises
        ------
        ArchiveDown
            When the archive stops answering or more than `FAILING_SHARE` of the keys failed.
        """
        answers: dict[str, T] = {}
        failures: dict[str, str] = {}
        with ThreadPoolExecutor(connections) as pool:
            asked = {pool.submit(ask, key): key for key in keys}
            progress(0, len(asked))
            try:
                for done, future in enumerate(as_completed(asked), start=1):
                    try:
                        answers[asked[future]] = future.result()
                    except Refused as why:
                        failures[asked[future]] = str(why)
                    progress(done, len(asked))
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
        if len(failures) > FAILING_SHARE * len(asked):
            first, reason = min(failures.items())
            raise self.down(f"{len(failures)} of {len(asked)} requests failed, {first} first: {reason}")
        return dict(sorted(answers.items())), dict(sorted(failures.items()))


def _wait(state: RetryCallState) -> float:
    """Back off exponentially with jitter, and at least as long as the archive asks for."""
    error = state.outcome.exception() if state.outcome else None
    asked_for = error.after_s if isinstance(error, Unavailable) else 0.0
    return max(_BACKOFF(state), min(asked_for, _LONGEST_WAIT_S))


def _within(seconds: float, call: Callable[[], T]) -> T:
    """Bound a call as a whole: socket timeouts never end an answer that trickles in."""
    answer: Future[T] = Future()

    def work() -> None:
        try:
            answer.set_result(call())
        except BaseException as error:  # noqa: BLE001 - raised again where the answer is awaited
            answer.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    try:
        return answer.result(seconds)
    except TimeoutError:
        raise Unavailable(f"no whole answer within {seconds:g} s") from None


def check_status(status: int, retry_after: str | None, said: str) -> None:
    """Tell an answer that can be used from one that cannot.

    Raises
    ------
    Unavailable
        For 429 and every 5xx.
    Refused
        For every other 4xx.
    """
    if status == 429 or status >= 500:
        raise Unavailable(f"status {status}", _seconds(retry_after))
    if status >= 400:
        raise Refused(f"status {status}: {' '.join(said.split())[:120]}")


def _seconds(retry_after: str | None) -> float:
    """Read a Retry-After header; one that is a date asks for the longest wait."""
    if retry_after is None:
        return 0.0
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        parsedate_to_datetime(retry_after)
    except ValueError:
        return 0.0
    return _LONGEST_WAIT_S


def client(timeout_s: float, connections: int = 8) -> httpx.Client:
    """Make the client for archives without one of their own; several threads may share it."""
    return httpx.Client(
        timeout=httpx.Timeout(timeout_s, connect=min(_CONNECT_S, timeout_s)),
        limits=httpx.Limits(max_connections=connections),
        follow_redirects=True,
    )


def get(session: httpx.Client, archive: Archive, params: dict[str, str]) -> bytes:
    """Give the body of one GET request; raise as `Archive.ask` does."""

    def call() -> bytes:
        answer = session.get(archive.url, params=params)
        check_status(answer.status_code, answer.headers.get("retry-after"), answer.text[:200])
        return answer.content

    return archive.ask(call)


def ping(archives: Archives) -> None:
    """Ask each archive a night needs for one cheap page; any answer below 500 counts.

    Raises
    ------
    ArchiveDown
        Naming the first that does not answer.
    """
    pages = {
        "ALeRCE": (f"{archives.alerce_url}/ztf/v1/classifiers", "ALERCE_URL"),
        "IRSA": (archives.irsa_url, "IRSA_URL"),
        "MAST": (archives.mast_url, "MAST_URL"),
        "XMatch": (archives.xmatch_url, "XMATCH_URL"),
        "BTS": (archives.bts_url, "BTS_URL"),
    }
    with client(archives.timeout_s) as session:
        for name, (url, variable) in pages.items():
            archive = Archive(name, url, f"STARLOOP_ARCHIVES__{variable}", archives.timeout_s)

            def look(url: str = url) -> None:
                with session.stream("GET", url) as answer:
                    if answer.status_code >= 500:
                        raise Unavailable(f"status {answer.status_code}")

            archive.ask(look)
