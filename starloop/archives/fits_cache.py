"""FITS files kept across nights: whole ones only, each under the name its archive gave it."""

import hashlib
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from starloop.archives.line import Unavailable

_READING = threading.Lock()


class FitsCache:
    """A folder of FITS files.

    Parameters
    ----------
    folder : Path
        Made when the first file comes.
    extension : str
        The table that each file must have.
    """

    def __init__(self, folder: Path, extension: str) -> None:
        self._folder, self._extension = folder, extension

    def keep(self, name: str, size: int, download: Callable[[Path], None]) -> Path:
        """Give a file, downloaded unless it is here and whole.

        One that is here and broken moves to ``quarantine/``, where a digest is put behind its name.

        Parameters
        ----------
        name : str
            The file's name, without folders.
        size : int
            How many bytes it must have.
        download : callable
            Writes it to a path.

        Raises
        ------
        Unavailable
            When it came broken; and what `download` raises.
        """
        file = self._folder / name
        if file.exists():
            if self._flaw(file, size) is None:
                return file
            self._quarantine(file)
        self._folder.mkdir(parents=True, exist_ok=True)
        coming = self._folder / f".{name}.part"
        try:
            download(coming)
            flaw = self._flaw(coming, size)
            if flaw is not None:
                raise Unavailable(f"{name} came broken: {flaw}"[:160])
            coming.replace(file)
        finally:
            coming.unlink(missing_ok=True)
        return file

    def _quarantine(self, file: Path) -> None:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
        aside = self._folder / "quarantine" / f"{file.name}.{digest}"
        aside.parent.mkdir(exist_ok=True)
        file.replace(aside)

    def _flaw(self, file: Path, size: int) -> str | None:
        """Say what is wrong with a file; None when it is whole and its table can be read."""
        from astropy.io import fits

        there = file.stat().st_size
        if there != size:
            return f"{there} of {size} bytes"
        try:
            with quietly(), fits.open(file, memmap=False) as opened:
                opened.verify("exception")
                if not opened[self._extension].data.names:
                    return f"its table {self._extension} has no columns"
        except Exception as wrong:  # noqa: BLE001 - astropy stumbles over a garbled header in many ways
            return f"{type(wrong).__name__}: {wrong}"
        return None


@contextmanager
def quietly() -> Iterator[None]:
    """Read a file without its library's warnings, one thread at a time: the filters belong to the whole process."""
    with _READING, warnings.catch_warnings(action="ignore"):
        yield
