"""params.yaml, the science knobs, checked as a whole."""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from starloop.drift.params import DriftParams
from starloop.errors import BadInput
from starloop.model.params import DatasetParams, GateParams, RetrainParams, TrainParams
from starloop.model.retention import RegistryParams


class Params(BaseModel):
    """The sections of params.yaml; a knob that is not in the file keeps its default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: DatasetParams = DatasetParams()
    train: TrainParams = TrainParams()
    gate: GateParams = GateParams()
    registry: RegistryParams = RegistryParams()
    retrain: RetrainParams = RetrainParams()
    drift: DriftParams = DriftParams()

    @classmethod
    def read(cls, path: Path) -> "Params":
        """Read the file.

        Raises
        ------
        BadInput
            When it is no YAML, or a knob is unknown or out of its range.
        """
        try:
            return cls.model_validate(yaml.safe_load(path.read_text()) or {})
        except yaml.YAMLError as wrong:
            raise BadInput(f"{path} is not YAML ({' '.join(str(wrong).split())}): correct it") from None
        except ValidationError as wrong:
            said = "; ".join(f"{'.'.join(map(str, one['loc'])) or 'file'}: {one['msg']}" for one in wrong.errors())
            raise BadInput(f"{path} cannot be used ({said}): correct or remove what it names") from None
