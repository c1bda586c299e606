"""Which stars TESS looked at, and their light curves."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from starloop.sky.populations.objects import Ints, Objects, Reals
from starloop.sky.simulator.spec import Spec
from starloop.sky.tables import TESS
from starloop.sky.tess import light_curve, sectors

SHORT_PERIOD = ("RRAB", "EW", "EA", "RRC", "EB", "DSCT", "CEP", "BY", "RSCVN")
"""Classes whose stars show their period in a sector, or most of it; light curves are made of them, in this order."""

# So many bright stars more have a number in the TESS Input Catalogue and no light curve.
ONLY_IN_TIC = 10
# One star in three was seen in the full-frame images only.
_FFI_EVERY = 3
_FIRST_TIC, _TIC_STEP = 100_000_000, 137


@dataclass(frozen=True)
class Wish:
    """How many light curves are wanted of a unit's stars, and where they go."""

    curves: int
    folder: Path


def observe_targets(
    rng: np.random.Generator, spec: Spec, objects: Objects, red_flux: Reals, number: Ints, wish: Wish
) -> tuple[pa.Table, dict[int, int]]:
    """Write light curves of the brightest stars that TESS saw, one sector each.

    Parameters
    ----------
    red_flux : array of shape (n,)
        The stars' fluxes in r, in any unit.
    number : array of shape (n,)
        Their numbers in the sky.

    Returns
    -------
    rows, tic
        The rows of the table ``tess``, at most as many as wished for; and TIC numbers by the objects' rows.
    """
    rows: list[pa.Table] = [TESS.empty_table()]
    tic: dict[int, int] = {}
    for which in np.argsort(-red_flux, kind="stable").tolist():
        if len(rows) > wish.curves and len(tic) >= wish.curves + ONLY_IN_TIC:
            break
        star = _FIRST_TIC + _TIC_STEP * int(number[which]) + int(rng.integers(_TIC_STEP))
        seen = sectors.observing(float(objects.ra[which]), float(objects.dec[which]), spec.first.begin, spec.last.end)
        if seen and len(rows) <= wish.curves:
            ffi = star % _FFI_EVERY == 0
            sector = seen[int(rng.integers(len(seen)))]
            rows.append(light_curve.write(rng, objects, which, star, sector, wish.folder, ffi=ffi))
            tic[which] = star
        elif len(tic) < wish.curves + ONLY_IN_TIC:
            tic[which] = star
    return pa.concat_tables(rows), tic
