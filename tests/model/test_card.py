"""The model card: what it must say, and the same bytes for the same model."""

import json
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pytest

from starloop.evaluation.card import asked, write_card
from starloop.evaluation.lengths import by_length
from starloop.evaluation.rendering import cell, page
from starloop.evaluation.slices import slices
from starloop.model.bundle import Classifier
from starloop.model.dataset import REPORT, labelled
from starloop.model.evaluation import evaluate

LABELS = {
    "objects": 171,
    "conflicts": 4,
    "labels": {"RRL": 60, "SNIa": 60},
    "catalogues": {"BTS": 160, "J/ApJS/249/18/table2": 11},
    "unmapped": {"B/vsx/vsx: EA|EB:": 3},
}


class Page(HTMLParser):
    """Collects what a browser would fetch or run."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetched += [value or "" for name, value in attrs if name in {"src", "href"} and tag != "use"]


@pytest.fixture(scope="module")
def dataset(toy: Callable[..., pa.Table]) -> pa.Table:
    """Three classes, one that is folded into its parent and one that is dropped."""
    rows: pa.Table = toy({"SNIa": 60, "RRL": 60, "QSO": 40, "SNIbc": 6, "SNII": 7, "LPV": 2}, spread=0.9)
    return rows.replace_schema_metadata({REPORT: json.dumps(LABELS).encode()})


@pytest.fixture(scope="module")
def trained(dataset: pa.Table, fit: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fit(dataset, tmp_path_factory.mktemp("carded") / "model")


def write(folder: Path, model: Path, dataset: pa.Table) -> dict[str, bytes]:
    """Write the card and give every file of it."""
    folder.mkdir()
    classifier = Classifier.load(model)
    rows = labelled(dataset, "test")
    known = rows.filter(pa.array([label == "QSO" for label in rows["label"].to_pylist()]))
    table = by_length({"16": known, "all": known}, lambda features: asked(classifier, features))
    write_card(folder, model, dataset, evaluate(classifier, rows), table)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def card(trained: Path, dataset: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of the card."""
    return write(tmp_path_factory.mktemp("card") / "evaluation", trained, dataset)


def test_the_same_model_and_rows_give_the_same_bytes(
    card: dict[str, bytes], trained: Path, dataset: pa.Table, tmp_path: Path
) -> None:
    assert sorted(card) == [
        "by_length.svg", "card.html", "card.md", "confusion.svg", "importances.svg", "precision_recall.svg",
        "reliability.svg",
    ]  # fmt: skip
    assert write(tmp_path / "again", trained, dataset) == card


def test_the_card_says_what_was_folded_and_what_was_left_out(card: dict[str, bytes], trained: Path) -> None:
    text = card["card.md"].decode()
    bundle = Classifier.load(trained).bundle
    assert bundle.folded
    assert bundle.dropped
    for leaf, to in bundle.folded.items():
        assert f"**{leaf}** is trained and scored as **{to}**" in text
    for leaf, number in bundle.dropped.items():
        assert f"**{leaf}**: {number} training label" in text


def test_the_card_tells_where_labels_come_from_and_how_good_each_class_is(
    card: dict[str, bytes], trained: Path, dataset: pa.Table
) -> None:
    text = card["card.md"].decode()
    for told in ("| J/ApJS/249/18/table2 | 11 |", r"EA\|EB: (3)", "4 of them entries that disagree", "suspects.csv"):
        assert told in text
    tested = evaluate(Classifier.load(trained), labelled(dataset, "test"))
    for name, figures in tested["classes"].items():
        row = next(line for line in text.splitlines() if line.startswith(f"| {name} | {figures['support']} | "))
        assert f"{figures['recall']:.2f} (" in row
    assert f"| macro-F1 | {tested['macro_f1']:.2f} (" in text


def test_only_a_simulated_model_is_called_simulated(
    card: dict[str, bytes], trained: Path, dataset: pa.Table, tmp_path: Path
) -> None:
    assert "SIMULATED SKY" in card["card.md"].decode()
    told = json.loads((trained / "bundle.json").read_text())
    real = tmp_path / "model"
    real.mkdir()
    for path in trained.iterdir():
        (real / path.name).write_bytes(path.read_bytes())
    (real / "bundle.json").write_text(json.dumps(told | {"origin": "recorded"}))
    text = write(tmp_path / "recorded", real, dataset)["card.md"].decode()
    assert "SIMULATED" not in text
    assert "| origin | recorded" in text


def test_the_page_fetches_nothing_and_holds_every_picture(card: dict[str, bytes]) -> None:
    found = Page()
    found.feed(card["card.html"].decode())
    assert [link for link in found.fetched if not link.startswith("#")] == []
    assert found.tags.count("figure") == sum(name.endswith(".svg") for name in card)
    assert "script" not in found.tags


def test_a_catalogues_word_stays_text_and_one_cell(tmp_path: Path) -> None:
    word = "EA|<img src=x>`*_[a](b)"
    shown = page(f"| type |\n|---|\n| {cell(word)} |\n", "t", tmp_path)
    found = Page()
    found.feed(shown)
    assert found.tags.count("td") == 1
    assert {"img", "a", "em", "code"}.isdisjoint(found.tags)


def test_slices_divide_the_objects_by_what_is_known_of_them(trained: Path, dataset: pa.Table) -> None:
    classifier = Classifier.load(trained)
    rows = dataset.filter(pa.array([label in ("SNIa", "RRL") for label in dataset["label"].to_pylist()]))
    n = len(rows)
    known = {
        "g_observation_count": [4.0, 30.0] * (n // 2),
        "r_observation_count": [None, 80.0] * (n // 2),
        "r_median": [17.5, 19.5] * (n // 2),
        "release_g_median": [None, 18.0] * (n // 2),
        "tess_amplitude": [None] * n,
    }
    for name, values in known.items():
        rows = rows.append_column(name, pa.array(values, pa.float32()))
    found = slices(asked(classifier, rows), rows)
    assert {one.name: one.objects for one in found["points"]} == {
        "below 10 points": n // 2,
        "100 to 200 points": n // 2,
    }
    assert [one.name for one in found["magnitude"]] == ["17 to 18 mag", "19 to 20 mag"]
    assert [one.name for one in found["survey"]] == ["alerts only", "alerts and release photometry"]
