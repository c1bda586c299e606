"""One archive's line: how often it is asked, how long it may take, and when to give up."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TypeVar

from circuitbreaker import CircuitBreaker
from pyrate_limiter import Duration, Limiter, Rate, SingleBucketFactory, StateBucket
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    retry_if_not_exception_type,
    stop_after_attempt,
    wait_exponential_jitter,
)

from starloop.archives.config import ArchiveSettings
from starloop.errors import ArchiveDown

T = TypeVar("T")

TRIES = 5
"""How often one request is made, at most."""
FAILING_IN_A_ROW = 3
"""After so many requests that failed for good, one after another, nothing more is asked."""
LONGEST_WAIT_S = 30.0
"""However long an archive asks to be left alone, it is asked again after this time."""
_SPENT = 0.95
"""The share of an archive's rate that is spent: requests that are late on their way must not meet the next ones."""
_LATE_US = 10_000
"""How much earlier than evenly a request may follow one that was late, microseconds."""
_BACKOFF = wait_exponential_jitter(initial=0.2, max=8, jitter=0.3)


class Unavailable(Exception):
    """The archive could not answer now; the same request may succeed in a moment.

    Parameters
    ----------
    reason : str
        What happened, in a few words; equal reasons are counted together.
    after_s : float
        How long the archive asked to be left alone, seconds.
    """

    def __init__(self, reason: str, after_s: float = 0.0) -> None:
        super().__init__(reason)
        self.after_s = after_s


class Exhausted(Unavailable):
    """The archive could not answer, however often it was asked."""


class Refused(Exception):
    """The archive answered, but not with what was asked for; asking again would not help."""


class Banned(Refused):
    """The archive does not want to be asked by us (401, 403)."""


class Missing(Refused):
    """The archive has nothing under that name or address (404)."""


@dataclass
class Tally:
    """What asking has cost so far.

    Parameters
    ----------
    requests, retries, received_bytes : int
        Requests sent, how many of them repeated a failed one, and what came back, uncompressed.
    faults : Counter of str
        Why requests failed.
    longest_s : float
        The longest request, seconds.
    """

    requests: int = 0
    retries: int = 0
    received_bytes: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    longest_s: float = 0.0


class Line:
    """The way to one archive, shared by all threads that ask it.

    Parameters
    ----------
    name : str
        As a person knows the archive.
    settings : ArchiveSettings
        Where it is and how gently it is asked.
    variable : str
        Its part of the environment: ``ALERCE`` for ``STARLOOP_ARCHIVES__ALERCE__URL``.
    """

    def __init__(self, name: str, settings: ArchiveSettings, variable: str) -> None:
        self.name, self.settings, self._variable = name, settings, variable
        self.tally = Tally()
        self._counting = threading.Lock()
        self._slots = threading.BoundedSemaphore(settings.connections)
        self._breaker = CircuitBreaker(FAILING_IN_A_ROW, settings.deadline_s, (Unavailable, Banned))
        self._pace = None if settings.rate_per_s is None else _pace(settings.rate_per_s)

    def exchange(self, send: Callable[[], tuple[T, int]], cut: Callable[[], None] = lambda: None) -> T:
        """Make one request, again where that may help.

        Parameters
        ----------
        send : callable
            Makes the request, reads the whole body, and gives what came with its size in bytes; it raises
            `Unavailable` or `Refused` for an answer that is not one.
        cut : callable
            Breaks off the request that `send` has under way in another thread.

        Raises
        ------
        Exhausted
            When `TRIES` requests failed.
        Refused
            From `send`, which is then not repeated.
        ArchiveDown
            When the last requests all failed: nothing is asked any more.
        """
        retrying = Retrying(
            stop=lambda state: state.attempt_number >= TRIES or self._breaker.opened,
            wait=_wait,
            retry=retry_if_exception_type(Unavailable),
            reraise=True,
        )
        if self._breaker.opened:
            last = self._breaker.last_failure
            raise self.down(f"{FAILING_IN_A_ROW} requests in a row failed, the last with: {last}") from last
        try:
            answer: T = self._breaker.call(self._tries, retrying, send, cut)
        except Unavailable as last:
            raise Exhausted(str(last)) from last
        return answer

    def _tries(self, retrying: Retrying, send: Callable[[], tuple[T, int]], cut: Callable[[], None]) -> T:
        for attempt in retrying:
            with attempt, self._slots:
                if self._pace is not None:
                    self._pace()
                if self._breaker.opened:  # by others, while this one waited for its turn
                    raise Unavailable(str(self._breaker.last_failure))
                answer = self._counted(send, cut, again=attempt.retry_state.attempt_number > 1)
        return answer

    def _counted(self, send: Callable[[], tuple[T, int]], cut: Callable[[], None], again: bool) -> T:
        began = time.monotonic()
        size = 0
        try:
            answer, size = self._within(send, cut)
        except (Unavailable, Refused) as why:
            with self._counting:
                self.tally.faults[str(why).partition(":")[0]] += 1
            raise
        finally:
            with self._counting:
                self.tally.requests += 1
                self.tally.retries += again
                self.tally.received_bytes += size
                self.tally.longest_s = max(self.tally.longest_s, time.monotonic() - began)
        return answer

    def _within(self, send: Callable[[], T], cut: Callable[[], None]) -> T:
        """Bound a request as a whole: socket timeouts end neither a body that trickles in nor a name's resolution."""
        came: Future[T] = Future()

        def work() -> None:
            try:
                came.set_result(send())
            except BaseException as error:  # noqa: BLE001 - raised again where the answer is awaited
                came.set_exception(error)

        threading.Thread(target=work, name=self.name, daemon=True).start()
        try:
            return came.result(self.settings.deadline_s)
        except TimeoutError:
            cut()
            raise Unavailable(f"no whole answer within {self.settings.deadline_s:g} s") from None

    def ask(self, question: Callable[[], T], tries: int = TRIES) -> T:
        """Ask one question whose answer may have to be asked for again, though its requests succeeded.

        Raises
        ------
        ArchiveDown
            When it was not answered.
        Refused
            From `question`.
        """
        again = Retrying(
            stop=stop_after_attempt(tries),
            wait=_wait,
            retry=retry_if_exception_type(Unavailable) & retry_if_not_exception_type(Exhausted),
            reraise=True,
        )
        try:
            answer: T = again(question)
            return answer
        except Unavailable as last:
            raise self.down(str(last)) from last

    def need(self, question: Callable[[], T]) -> T:
        """Ask a question without whose answer the archive is of no use; raise `ArchiveDown` for a refusal, too."""
        try:
            return self.ask(question)
        except Refused as why:
            raise self.down(str(why)) from why

    def down(self, reason: str) -> ArchiveDown:
        """Give the error that says this archive is of no use now."""
        return ArchiveDown(
            f"{self.name} at {self.settings.url} cannot be used ({reason}): try again later, "
            f"or check STARLOOP_ARCHIVES__{self._variable}__URL"
        )


def _pace(rate_per_s: float) -> Callable[[], None]:
    """Make what waits until the next request may be sent: evenly, not in bursts.

    The limiter counts microseconds: one comes in each microsecond, and a request costs as many as are between two.
    """
    cost = round(1e6 / (_SPENT * rate_per_s))
    flow = Rate(1_000_000, Duration.SECOND, burst=cost + _LATE_US)
    limiter = Limiter(SingleBucketFactory(StateBucket([flow]), schedule_leak=False), buffer_ms=0)
    next_one = threading.Lock()

    def wait() -> None:
        with next_one:  # or all would wake up for each request, and fall behind the limiter's clock each time
            limiter.try_acquire(weight=cost)

    return wait


def _wait(state: RetryCallState) -> float:
    """Back off exponentially with jitter, after the time for which the archive asks to be left alone."""
    error = state.outcome.exception() if state.outcome else None
    asked_for = error.after_s if isinstance(error, Unavailable) else 0.0
    return _BACKOFF(state) + min(asked_for, LONGEST_WAIT_S)
