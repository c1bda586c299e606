"""The sky that comes with starloop: made on first use, kept until its generator changes."""

import hashlib
from pathlib import Path

from starloop.errors import BadInput
from starloop.sky import tables
from starloop.sky.tables import Sky, open_sky

NAME, SEED, OBJECTS = "embedded", 1, 2000
# Of so many stars with a light curve some alert on any night.
_TESS = 12

_GENERATOR = ("populations", "survey", "tess", "simulator")


def embedded_sky(cache: Path) -> Sky:
    """Open the embedded sky, making it under `cache` unless it is there.

    Its folder's name ends in a digest of seed, size and the generator's sources, so that a changed generator
    makes a new sky and an unchanged one never does. Two processes may ask at once.

    Parameters
    ----------
    cache : Path
        The folder that keeps it; made when missing.
    """
    folder = cache / f"{NAME}-{_digest()}"
    if not folder.exists():
        from starloop.sky.simulator.write import make_sky

        try:
            return make_sky(folder, objects=OBJECTS, seed=SEED, name=NAME, tess=_TESS)
        except BadInput:
            if not folder.exists():
                raise
    return open_sky(folder)


def _digest() -> str:
    digest = hashlib.sha256(f"{NAME} {SEED} {OBJECTS}".encode())
    home = Path(tables.__file__).parent
    sources = [path for room in _GENERATOR for path in sorted((home / room).rglob("*.py"))]
    for source in [*sources, Path(tables.__file__)]:
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]
