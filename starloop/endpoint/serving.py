"""What a serving process may be told; it reads no other variable of starloop's."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

# In a Bento the model lies beside the package.
_PACKED = Path(__file__).resolve().parents[2] / "model"


class Serving(BaseSettings):
    """Variables with ``STARLOOP_`` in front, read when the service starts."""

    model_config = SettingsConfigDict(env_prefix="STARLOOP_", frozen=True, extra="ignore", protected_namespaces=())

    model_folder: Path = _PACKED
    """Model folder to serve; the one packed in the Bento unless set."""
    workers: int = Field(1, ge=1)
    """Processes that answer, each with the model in memory and a core to itself."""
    prediction_log: Path | None = None
    """Folder of the prediction log; nothing is logged unless set."""
