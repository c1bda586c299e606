"""The page that says how like the real sky the simulated one is."""

import json
import math
import tempfile
from pathlib import Path

import jinja2
import numpy as np

from starloop.realism import plots
from starloop.realism.compare import compare, error_ratio
from starloop.realism.published import CLASSES, hold
from starloop.realism.quantities import Reals
from starloop.realism.transfer import transfer
from starloop.sky.tables import Sky

FAR = 0.2
"""Distance from which on a quantity is called unlike."""


def write(simulated: Sky, recorded: Sky, page: Path, command: str) -> None:
    """Hold a simulated sky against a recorded one; write the page and its pictures beside it.

    Parameters
    ----------
    page : Path
        A Markdown file; the pictures go into ``pictures/`` in its folder.
    command : str
        What makes the page, for the page to say.
    """
    pictures = page.parent / "pictures"
    compared = compare(simulated, recorded)
    plots.distributions(compared, pictures / "sky_distributions.png")
    plots.errors(simulated, recorded, pictures / "sky_errors.png")
    held = hold(simulated)
    plots.classes(held, pictures / "sky_classes.png")
    with tempfile.TemporaryDirectory() as folder:
        transferred = transfer(simulated, recorded, Path(folder))
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=False,  # noqa: S701 - Markdown of our own numbers
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = _number
    environment.filters["median"] = _median
    text = environment.get_template("page.md").render(
        command=command,
        simulated=json.loads((simulated.folder / "sky.json").read_text()),
        recorded=recorded,
        compared=compared,
        far=[one for one in compared if one.distance >= FAR],
        limit=FAR,
        ratios={band: list(zip(*error_ratio(simulated, recorded, band), strict=True)) for band in ("g", "r")},
        held=held,
        published=CLASSES,
        transfers=transferred,
    )
    page.write_text(text, encoding="utf-8")


def _median(values: Reals) -> float | None:
    return float(np.median(values)) if len(values) else None


def _number(value: float | None, digits: int = 3) -> str:
    """Write a number for a table; a dash for nothing."""
    return "–" if value is None or not math.isfinite(value) else f"{value:.{digits}g}"
