"""The events the automations listen to, and how they reach the server."""

from datetime import UTC, datetime
from typing import ClassVar
from uuid import UUID, uuid4

from prefect.client.orchestration import get_client
from prefect.events import Event as Sent
from prefect.runtime import flow_run
from prefect.settings import get_current_settings
from pydantic import BaseModel, ConfigDict

MODEL = "starloop.model.starloop"
ENDPOINT = "starloop.endpoint.starloop"
CHANGE = "starloop.change"


class Event(BaseModel):
    """Something that happened; its fields are the payload, with their types."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ClassVar[str]

    @property
    def resource(self) -> str:
        """What it happened to; an automation's cool-down counts for each of them."""
        return MODEL

    @property
    def labels(self) -> dict[str, str]:
        """What else an automation may tell events of one resource apart by."""
        return {}


class _Compared(Event):
    """What the last nights show against the champion's training data.

    Parameters
    ----------
    model_version : int
        The champion that was compared.
    night : str
        The night the check ends at, ``YYYY-MM-DD``, UTC.
    nights : list of str
        Those that show the change.
    reasons : list of str
        One sentence each.
    """

    model_version: int
    night: str
    nights: list[str]
    reasons: list[str]


class DriftDetected(_Compared):
    """The sky itself has changed: the champion has not seen such nights."""

    name: ClassVar[str] = "starloop.drift.detected"


class ArchiveChanged(_Compared):
    """The same sky is measured differently.

    Parameters
    ----------
    archives : list of str
        Those that changed: ALeRCE, IRSA, ...
    bands : list of str
        The bands it shows in.
    what : list of str
        cadence, depth, calibration, release, flags, missing.
    """

    name: ClassVar[str] = "starloop.archive.changed"

    archives: list[str]
    bands: list[str]
    what: list[str]

    @property
    def labels(self) -> dict[str, str]:
        """The change itself, so that another one is told while the first is cooling down."""
        return {CHANGE: " ".join(sorted(self.archives) + sorted(self.bands) + sorted(self.what))}


class BadNight(Event):
    """One night is odd by itself, and is left out."""

    name: ClassVar[str] = "starloop.night.bad"

    night: str
    reasons: list[str]

    @property
    def resource(self) -> str:
        """The night: each of them is told once."""
        return f"starloop.night.{self.night}"


class ModelPromoted(Event):
    """The registry has another champion.

    Parameters
    ----------
    version : int
        The champion now.
    previous : int or None
        The champion before.
    why : str
        As the ledger of promotions says it.
    """

    name: ClassVar[str] = "starloop.model.promoted"

    version: int
    previous: int | None
    why: str


class RetrainingStopped(Event):
    """So many challengers in a row were refused that no more are trained.

    Parameters
    ----------
    refused : int
        How many.
    reasons : list of str
        What the gate said of the last one.
    """

    name: ClassVar[str] = "starloop.retraining.stopped"

    refused: int
    reasons: list[str]


class EndpointUnhealthy(Event):
    """The endpoint does not answer as it must, also after a restart.

    Parameters
    ----------
    version : int
        Of the model it serves.
    url : str
        Its address.
    what : str
        What is wrong with it.
    """

    name: ClassVar[str] = "starloop.endpoint.unhealthy"

    version: int
    url: str
    what: str

    @property
    def resource(self) -> str:
        """The endpoint."""
        return ENDPOINT


def heard() -> bool:
    """Tell whether a lasting Prefect server listens; a temporary one dies with the flow, and starts nothing."""
    return get_current_settings().api.url is not None


def need_server(who: str) -> None:
    """Raise `BadInput` where no lasting server listens, for what would pretend to work without."""
    from starloop.errors import BadInput

    if not heard():
        raise BadInput(f"{who} needs a running Prefect server, or it would start nothing: run `make up`, then it again")


def emit(event: Event, run: UUID | None = None) -> str:
    """Hand an event to the server and wait until it has it; give the event's name.

    Prefect's own ``emit_event`` queues it in a thread, and loses it without a word when the process ends first or
    the server is away.

    Parameters
    ----------
    event : Event
        What happened.
    run : UUID, optional
        The flow run that found it; the one that is running unless given.

    Raises
    ------
    BadInput
        When no lasting server listens: nothing would come of it.
    StarloopError
        When the server does not take it.
    """
    from httpx import HTTPError

    from starloop.errors import StarloopError

    need_server(event.name)
    found = run or flow_run.id
    finder = {"prefect.resource.id": f"prefect.flow-run.{found}", "prefect.resource.role": "flow-run"}
    sent = Sent.model_validate(
        {
            "id": uuid4(),
            "occurred": datetime.now(UTC),
            "event": event.name,
            "resource": {"prefect.resource.id": event.resource, **event.labels},
            "related": [finder] if found else [],
            "payload": event.model_dump(mode="json"),
        }
    )
    try:
        with get_client(sync_client=True) as client:
            client.request("POST", "/events", json=[sent.model_dump(mode="json")]).raise_for_status()
    except HTTPError as wrong:
        raise StarloopError(
            f"{event.name} did not reach the Prefect server ({type(wrong).__name__}): "
            "see `starloop status`, then run this again"
        ) from wrong
    return event.name
