"""The state of a home: the kept TESS files, nights that wait for what they lack, and the room that is left."""

import shutil
from pathlib import Path

from starloop.findings import Finding, Item, Severity
from starloop.nights.store import Home

LITTLE_ROOM_BYTES = 5 * 10**9
"""With less room left than this, a few nights of a survey may fill the disk."""
_BLOCK = 2880
"""A FITS file is made of blocks of so many bytes."""
_NAMED = 3
"""How many names are told; the facts have them all."""


def look(home: Home) -> list[Item]:
    """Look at a home without changing anything.

    Returns
    -------
    list of Item
        ``TESS files`` (facts: files, bytes, broken: their names), ``quarantine`` (files), ``nights under way``
        (nights: their labels) and ``disk`` (free_bytes); all have the fact path.
    """
    return [_tess(home.tess_files), _quarantine(home.tess_files / "quarantine"), _under_way(home), _disk(home.root)]


def _tess(folder: Path) -> Item:
    files = sorted(folder.glob("*.fits"))
    broken = [file.name for file in files if not _is_fits(file)]
    size = sum(file.stat().st_size for file in files)
    findings = [Finding(Severity.OK, f"{_count(files, 'file')}, {size / 1e6:,.1f} MB")]
    if broken:
        advice = "check the disk; a night that needs one of them puts it aside and fetches it again"
        findings.append(Finding(Severity.WARNING, f"{len(broken)} broken: {_names(broken)}", advice))
    facts = {"path": str(folder), "files": len(files), "bytes": size, "broken": broken}
    return Item("TESS files", tuple(findings), facts)


def _is_fits(file: Path) -> bool:
    """Look at the first card and the length; whether its table can be read is found out when a night needs it."""
    length = file.stat().st_size
    with file.open("rb") as opened:
        return length > 0 and length % _BLOCK == 0 and opened.read(9) == b"SIMPLE  ="


def _quarantine(folder: Path) -> Item:
    files = sorted(path.name for path in folder.glob("*") if path.is_file())
    says = f"{_count(files, 'broken TESS file')} put aside; delete them when nobody wants to look at them"
    finding = Finding(Severity.INFO, says) if files else Finding(Severity.OK, "empty")
    return Item("quarantine", (finding,), {"path": str(folder), "files": len(files)})


def _under_way(home: Home) -> Item:
    folder = home.root / "fetching"
    nights = sorted(path.name for path in folder.glob("*") if path.is_dir())
    says = f"{_names(nights)}: what they lack is fetched by their next run"
    finding = Finding(Severity.INFO, says) if nights else Finding(Severity.OK, "none")
    return Item("nights under way", (finding,), {"path": str(folder), "nights": nights})


def _disk(root: Path) -> Item:
    there = next(path for path in (root, *root.resolve().parents) if path.is_dir())
    free = shutil.disk_usage(there).free
    says = f"{free / 1e9:,.1f} GB free at {root}"
    if free < LITTLE_ROOM_BYTES:
        finding = Finding(Severity.WARNING, says, f"make room, or move {root} and set STARLOOP_HOME to its new place")
    else:
        finding = Finding(Severity.OK, says)
    return Item("disk", (finding,), {"path": str(root), "free_bytes": free})


def _count(things: list[Path] | list[str], what: str) -> str:
    return f"{len(things):,} {what}{'' if len(things) == 1 else 's'}"


def _names(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
