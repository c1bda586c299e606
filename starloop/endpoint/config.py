"""What may be set about serving a model; read by the settings, so nothing heavy is imported here."""

from pydantic import BaseModel, ConfigDict, Field


class Canary(BaseModel):
    """A share of the requests that a new version answers before the switch, and what it must keep to.

    Parameters
    ----------
    share : int
        Percent of the requests; 0 for no canary.
    answers : int
        It ends when the new version has answered so many light curves ...
    seconds : float
        ... or after this time; what was seen by then is judged.
    agreement : float
        Least share of the new version's answers that the old one would have given too.
    errors : float
        Greatest share of failed requests, beyond the old version's.
    slower : float
        Greatest ratio of the median latencies, new over old.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    share: int = Field(0, ge=0, le=99)
    answers: int = Field(200, ge=1)
    seconds: float = Field(120.0, gt=0)
    agreement: float = Field(0.7, ge=0, le=1)
    errors: float = Field(0.01, ge=0, le=1)
    slower: float = Field(2.0, gt=0)


class Cluster(BaseModel):
    """Where the endpoint runs when the target is a cluster.

    Parameters
    ----------
    url : str
        Where the service answers.
    chart, release, namespace : str
        What Helm installs, under which name, and where.
    seconds : float
        How long an upgrade, and a rollback, may take.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = ""
    chart: str = "infra/chart"
    release: str = "starloop"
    namespace: str = "starloop"
    seconds: int = Field(300, gt=0)
