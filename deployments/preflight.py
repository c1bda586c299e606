"""What must be right before a run begins, so that a bad request touches nothing."""

from starloop.workspace import Workspace


def ready() -> Workspace:
    """Open the workspace, make sure a run may start, and attach to the local stack where it runs.

    Raises
    ------
    BadInput
        When the sky, the code's revision, params.yaml or DVC's state is not usable.
    ArchiveDown
        When a real archive does not answer.
    """
    from deployments import stack
    from starloop import pipeline, workspace
    from starloop.archives.reach import check_answering
    from starloop.params import Params

    place = workspace.current()
    place.revision()
    Params.read(pipeline.ROOT / "params.yaml")
    pipeline.open_project(place.home, place.settings.dvc_remote)
    if place.sky is None:
        check_answering(place.settings.archives)
    stack.attach(place)
    return place
