"""Every environment variable starloop reads, in one frozen tree.

The defaults point at the real archives and at an embedded sky, so that nothing needs to be set
to run the first night. A variable is the upper-case name with ``STARLOOP_`` in front,
nested ones with two underscores (``STARLOOP_ARCHIVES__IRSA_URL``).
"""

from functools import cache
from pathlib import Path

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Archives(BaseModel):
    """Where the archives are, and how hard they may be asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    alerce_url: str = "https://api.alerce.online"
    mast_url: str = "https://mast.stsci.edu"
    irsa_url: str = "https://irsa.ipac.caltech.edu/cgi-bin/ZTF/nph_light_curves"
    xmatch_url: str = "http://cdsxmatch.u-strasbg.fr/xmatch/api/v1/sync"
    tapvizier_url: str = "https://tapvizier.cds.unistra.fr/TAPVizieR/tap"
    bts_url: str = "https://sites.astro.caltech.edu/ztf/bts/explorer.php"
    mast_token: SecretStr | None = None
    timeout_s: float = Field(60, gt=0)
    connections: int = Field(8, ge=1, le=32)


class Ports(BaseModel):
    """The local stack's ports on 127.0.0.1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prefect: int = 4200
    mlflow: int = 5000
    archive: int = 8765
    endpoint: int = 3000


class Settings(BaseSettings):
    """The whole configuration of one process."""

    model_config = SettingsConfigDict(env_prefix="STARLOOP_", env_nested_delimiter="__", frozen=True, extra="ignore")

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
    dvc_remote: str | None = None
    """URL of the DVC remote; a folder in the home unless set."""
    data_branch: str | None = None
    """Git branch that keeps each night's dvc.lock and ledger; none unless set."""
    git_revision: str | None = None
    """Revision of the code where there is no git repository (a container)."""
    allow_dirty: bool = False
    """Run with uncommitted changes; the revision is then marked ``-dirty``."""
    mast_api_token: SecretStr | None = Field(
        None, validation_alias=AliasChoices("MAST_API_TOKEN", "STARLOOP_MAST_API_TOKEN")
    )
    """Shown to MAST where it is set; public data need none."""


@cache
def load() -> Settings:
    """Read the environment once a process."""
    return Settings()
