"""Looking at the archives: whether each answers, whether it still knows what it must, and who we are to it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from starloop.archives import diagnosis, logins
from starloop.archives.alerce import Alerce
from starloop.archives.bts import Bts
from starloop.archives.config import Archives, Credentials
from starloop.archives.irsa import Irsa
from starloop.archives.line import Line
from starloop.archives.mast import Mast
from starloop.archives.reach import Reached, doors, knock
from starloop.archives.tap import Tap
from starloop.archives.tess import Tess
from starloop.archives.xmatch import XMatch
from starloop.findings import Item
from starloop.together import together

PATIENCE_S = 8.0
"""How long an archive may take for its canary, seconds, unless told otherwise."""
_GRACE_S = 0.5
"""After the deadline of a request, so that its line can still note why it failed."""


class _Archive(Protocol):
    """What every archive's class has."""

    line: Line

    def canary(self) -> str | None:
        """Ask for what must always be there."""


_ROWS: dict[str, tuple[str, Callable[[Archives, Path], _Archive]]] = {
    "ALeRCE": ("alerce", lambda archives, files: Alerce(archives)),
    "IRSA": ("irsa", lambda archives, files: Irsa(archives)),
    "MAST TIC": ("mast", lambda archives, files: Mast(archives)),
    "MAST TESS": ("mast", lambda archives, files: Tess(Mast(archives), files)),
    "CDS XMatch": ("xmatch", lambda archives, files: XMatch(archives)),
    "TAPVizieR": ("tap", lambda archives, files: Tap(archives)),
    "BTS": ("bts", lambda archives, files: Bts(archives)),
}
"""By the name that is shown: its name in the settings, and how it is made."""


@dataclass(frozen=True)
class Checkup:
    """What a look at the archives found.

    Parameters
    ----------
    archives : list of Item
        As of `diagnosis.item`; MAST is there twice, with its TIC and with its TESS light curves, and the folder of
        alert packets only where one is set.
    credentials : list of Item
        As of `logins.items`.
    """

    archives: list[Item]
    credentials: list[Item]


def check(archives: Archives, tess_files: Path, patience_s: float = PATIENCE_S) -> Checkup:
    """Look at every archive, all at once; one that does not answer at all is asked for nothing more.

    Parameters
    ----------
    tess_files : Path
        Folder of the TESS files; nothing is put into it.
    patience_s : float
        How long a canary or a login may take, seconds.
    """
    at = doors(archives)
    reached = knock(at)
    answering = {part for part, answer in reached.items() if isinstance(answer, Reached)}
    hurried = _hurried(archives, patience_s)
    # A token that is refused is a finding of its own. ALeRCE's cannot be tried but with a question.
    shown = Credentials(alerce_token=archives.credentials.alerce_token)
    anonymous = hurried.model_copy(update={"credentials": shown})
    # Made before the clock runs: the clients behind them take seconds of this machine's time to import.
    made = {name: make(anonymous, tess_files) for name, (part, make) in _ROWS.items() if part in answering}
    calls: dict[str, Callable[[], Any]] = {name: archive.canary for name, archive in made.items()}
    told = together(calls | logins.questions(hurried, answering), patience_s + _GRACE_S)
    spares = {"TAPVizieR"} if archives.packets is None else {"TAPVizieR", "ALeRCE"}
    canaries = {name: diagnosis.Canary.of(told[name], made[name].line.tally, patience_s) for name in made}
    items = [
        diagnosis.item(name, at[part], reached[part], canaries.get(name), spare=name in spares)
        for name, (part, _) in _ROWS.items()
    ]
    if archives.packets is not None:
        items.append(diagnosis.packets(archives.packets))
    return Checkup(items, logins.items(archives.credentials, told))


def _hurried(archives: Archives, patience_s: float) -> Archives:
    """Give one request no longer than all of them have."""
    update = {}
    for part, _ in _ROWS.values():
        settings = getattr(archives, part)
        update[part] = settings.model_copy(update={"deadline_s": min(settings.deadline_s, patience_s)})
    return archives.model_copy(update=update)
