"""The tree of classes, what catalogues call them, and how rare classes are folded into their parent.

The tree and the catalogues' words are data, in ``taxonomy.toml`` beside this file.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Catalogue:
    """One catalogue's words for the leaves.

    Parameters
    ----------
    types : dict
        Its type strings and their leaves; ``*`` stands for every type.
    grammar : bool
        Its types combine by VSX's rules: ``A|B``, ``A+B``, ``A/B`` and ``A:``.
    """

    types: dict[str, str]
    grammar: bool


@cache
def _told() -> dict[str, Any]:
    return tomllib.loads((files("starloop.model") / "taxonomy.toml").read_text(encoding="utf-8"))


@cache
def catalogues() -> dict[str, Catalogue]:
    """Give the catalogues that label objects, the one that wins a conflict first."""
    return {entry["name"]: Catalogue(entry["types"], entry.get("grammar", False)) for entry in _told()["catalogues"]}


@cache
def parents() -> dict[str, str]:
    """Give the parent of every leaf, in the tree's order."""
    return {leaf: parent for parent, branch in _told()["parents"].items() for leaf in branch["leaves"]}


@cache
def others() -> dict[str, str]:
    """Give for every parent the class its rare leaves are folded into."""
    return {parent: branch["other"] for parent, branch in _told()["parents"].items()}


def ordered(classes: set[str]) -> list[str]:
    """Sort classes as the tree has them, each parent's `other` after its leaves."""
    order = list(dict.fromkeys(name for parent in others() for name in [*_leaves(parent), others()[parent]]))
    return sorted(classes, key=order.index)


def leaf(catalogue: str, word: str | None) -> str | None:
    """Give the leaf a catalogue's type stands for.

    Parameters
    ----------
    catalogue : str
        The catalogue's name, as in the sky's tables (``BTS``, ``B/vsx/vsx``, ...).
    word : str or None
        The type as the catalogue writes it.

    Returns
    -------
    str or None
        None where the catalogue or the type is unknown, or where the type names two different leaves.
    """
    known = catalogues().get(catalogue)
    if known is None:
        return None
    if "*" in known.types:
        return known.types["*"]
    if word is None:
        return None
    return _combined(word, known.types) if known.grammar else known.types.get(word.strip())


def _combined(word: str, types: Mapping[str, str]) -> str | None:
    """Read a VSX type; an alternative that is unknown spoils it, an addition or a trait that is unknown does not."""
    alternatives: set[str | None] = set()
    for alternative in word.replace(":", "").split("|"):
        known = {types.get(part.split("/")[0].strip()) for part in alternative.split("+")} - {None}
        alternatives.add(known.pop() if len(known) == 1 else None)
    return alternatives.pop() if len(alternatives) == 1 else None


def fold(counts: Mapping[str, int], minimum: int) -> dict[str, str | None]:
    """Decide which class the objects of every leaf are trained as.

    Parameters
    ----------
    counts : mapping
        Training labels of each leaf.
    minimum : int
        Labels a class needs.

    Returns
    -------
    dict
        For each leaf of `counts` itself, its parent's `other` where its labels are too few,
        or None where those of all such leaves together still are.
    """
    target: dict[str, str | None] = {}
    for parent, other in others().items():
        present = [name for name in _leaves(parent) if name in counts]
        rare = [name for name in present if counts[name] < minimum or name == other]
        enough = sum(counts[name] for name in rare) >= minimum
        for name in present:
            target[name] = name if name not in rare else other if enough else None
    return target


def _leaves(parent: str) -> list[str]:
    return [name for name, above in parents().items() if above == parent]
