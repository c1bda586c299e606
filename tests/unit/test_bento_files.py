"""The list of the code that goes into a Bento."""

from pathlib import PurePosixPath

import grimp

from starloop.endpoint.build import SERVED
from starloop.pipeline import ROOT

SERVICE = "starloop.endpoint.service"


def test_a_bento_has_the_code_that_its_service_imports_and_no_other() -> None:
    graph = grimp.build_graph("starloop", cache_dir=None)
    needed = {SERVICE, *graph.find_upstream_modules(SERVICE)}
    packed = {str(PurePosixPath("starloop", name)) for name in SERVED if name.endswith(".py")}
    folders = tuple(f"starloop/{name}/" for name in SERVED if (ROOT / "starloop" / name).is_dir())
    files = {_file(module) for module in needed}
    assert {name for name in files if not name.startswith(folders)} <= packed
    assert {name for name in packed if not name.endswith("__init__.py")} <= files


def _file(module: str) -> str:
    path = module.replace(".", "/")
    return f"{path}/__init__.py" if (ROOT / path).is_dir() else f"{path}.py"
