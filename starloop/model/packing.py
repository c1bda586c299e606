"""A model folder in the form MLflow keeps and loads."""

from importlib.metadata import version
from pathlib import Path

from starloop.model.bundle import FACTS, FOREST, Classifier

TREES = "model.ubj"


def pack(classifier: Classifier, folder: Path, to: Path) -> None:
    """Write an MLflow model: the booster as ``model.ubj``, the rest in ``extra_files``, signature and requirements.

    The requirements are stated, as MLflow would otherwise start a process to infer them.
    """
    import mlflow.xgboost
    from mlflow.models import ModelSignature
    from mlflow.types.schema import ColSpec, Schema

    mlflow.xgboost.save_model(
        classifier.booster,
        str(to),
        model_format="ubj",
        signature=ModelSignature(inputs=Schema([ColSpec("float", name) for name in classifier.bundle.features])),
        pip_requirements=[f"{name}=={version(name)}" for name in ("xgboost", "numpy", "pandas")],
        extra_files=[str(folder / name) for name in (FACTS, FOREST) if (folder / name).is_file()],
    )
