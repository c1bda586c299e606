"""Whether a retraining that was asked for is worth its while."""

from collections.abc import Sequence
from dataclasses import dataclass

from starloop.model.due import automatic
from starloop.model.params import RetrainParams
from starloop.model.tries import Try, in_vain


@dataclass(frozen=True)
class Refusal:
    """Why nothing is trained.

    Parameters
    ----------
    verdict : str
        In a few words.
    version : int
        The newest version that says so.
    reasons : list of str
        One sentence each.
    refused : int
        After how many challengers in a row retraining stopped; 0 where that is not why.
    """

    verdict: str
    version: int
    reasons: list[str]
    refused: int = 0


def refusal(reason: str, lesson: str, labelled: int, tries: Sequence[Try], params: RetrainParams) -> Refusal | None:
    """Say why a challenger should not be trained; None where it should.

    A version that learned from the same may be champion, refused or long forgotten: training would make it again, and
    the gate would say the same. A person's request is only refused for that; the loop's own also after too many
    challengers in a row that did not come to serve.

    Parameters
    ----------
    reason : str
        Why one is asked for.
    lesson : str
        Hash of what there is to learn from.
    labelled : int
        Labelled objects there are.
    tries : sequence of Try
        The versions that were judged, the newest first.
    params : RetrainParams
        How many in a row are too many.
    """
    same = next((one for one in tries if one.lesson == lesson), None)
    if same is not None:
        return Refusal(
            "refused: nothing new",
            same.version,
            [
                f"there is nothing new to learn from: version {same.version} ({same.verdict}) was trained on the same "
                "data set, with the same code and params.yaml"
            ],
        )
    vain = in_vain(tries, labelled, params.growth)
    if automatic(reason) and len(vain) >= params.give_up:
        last = vain[0]
        return Refusal(
            "stopped: challengers in a row did not pass",
            last.version,
            [
                f"{len(vain)} challengers in a row did not come to serve ({_list(vain)}): none is trained by itself "
                f"until one is promoted, or the labelled objects grow by {params.growth:.0%} (they are {labelled}); "
                "look at what the gate said, then run `starloop retrain`",
                *last.reasons.splitlines(),
            ],
            len(vain),
        )
    return None


def _list(tries: Sequence[Try]) -> str:
    return ", ".join(f"version {one.version} {one.verdict}" for one in reversed(tries))
