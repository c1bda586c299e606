"""Every environment variable starloop reads, in one frozen tree.

The defaults point at the real archives and at an embedded sky, so that nothing needs to be set
to run the first night. A variable is the upper-case name with ``STARLOOP_`` in front,
nested ones with two underscores (``STARLOOP_ARCHIVES__IRSA__URL``).
"""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from starloop.archives.config import Archives, Credentials
from starloop.endpoint.config import Canary, Cluster


class Ports(BaseModel):
    """The local stack's ports on 127.0.0.1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prefect: int = 4200
    mlflow: int = 5000
    archive: int = 8765
    endpoint: int = 8700
    """Stays the same whichever version answers; 0 for a free port, which the home then keeps."""
    alerts: int = 8766


class Settings(BaseSettings):
    """The whole configuration of one process."""

    model_config = SettingsConfigDict(
        env_prefix="STARLOOP_",
        env_nested_delimiter="__",
        nested_model_default_partial_update=True,
        frozen=True,
        extra="ignore",
    )

    sky: str = "embedded"
    """``embedded``, ``live``, or the path of a sky directory."""
    home: Path | None = None
    """Where this sky's nights, models and reports live; ``data/<sky>`` unless set."""
    archives: Archives = Archives()
    ports: Ports = Ports()
    recorded_sky: Path | None = None
    """Folder of a recorded sky, which the simulated one is held against; not part of the repository."""
    mlflow_uri: str | None = None
    """Tracking and registry server; an SQLite file in the home unless set."""
    mlflow_hosts: str = ""
    """Names, separated by commas, under which others may ask the local stack's MLflow; it refuses all unless set."""
    target: Literal["local", "cluster"] = "local"
    """Where models are served: by processes on this machine, or by a Helm release."""
    cluster: Cluster = Cluster()
    canary: Canary = Canary()
    answer_within_s: float = Field(5.0, gt=0)
    """The longest one light curve may take in a new version's smoke test, seconds."""
    dvc_remote: str | None = None
    """URL of the DVC remote; a folder in the home unless set."""
    data_branch: str | None = None
    """Git branch that keeps each night's dvc.lock and ledger; none unless set."""
    git_revision: str | None = None
    """Revision of the code where there is no git repository (a container)."""
    allow_dirty: bool = False
    """Run with uncommitted changes; the revision is then marked ``-dirty``."""
    alerts: SecretStr | None = None
    """Where alerts go: a Slack webhook, any other webhook, an address Apprise knows (``mailtos://...``), or ``local``,
    a file in the home, as on a new server."""
    mast_api_token: SecretStr | None = Field(
        None, validation_alias=AliasChoices("MAST_API_TOKEN", "STARLOOP_MAST_API_TOKEN")
    )
    """Shown to MAST where it is set; public data need none."""
    irsa_user: SecretStr | None = None
    irsa_password: SecretStr | None = None
    """An account at IRSA, for data that are not public yet; both or neither."""
    alerce_token: SecretStr | None = None
    """Sent to ALeRCE as a bearer token where it is set; its public API asks for none."""

    @property
    def credentials(self) -> Credentials:
        """What the archives are shown."""
        return Credentials(
            mast_token=self.mast_api_token,
            irsa_user=self.irsa_user,
            irsa_password=self.irsa_password,
            alerce_token=self.alerce_token,
        )


@cache
def load() -> Settings:
    """Read the environment once a process."""
    return Settings()
