"""What a person does on the pages, in a real browser; the fixture `page` holds each to silence and to one machine.

All in one file, so that one process makes the sky, the endpoint and the desk.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from starloop import observed
from starloop.workspace import Workspace
from tests.browser.conftest import Picture
from tests.browser.standing import BEFORE, LAST

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.timeout(600)
CONTRAST = Path(__file__).with_name("contrast.js")
PAGES = ("/", "/tonight?show=all", "/model", "/object/{oid}")
NAMED = ("link", "button", "textbox", "searchbox", "slider", "spinbutton", "radio", "combobox", "image", "img", "table")


@pytest.fixture(scope="module")
def scored(stood: tuple[Workspace, str]) -> list[dict[str, Any]]:
    """The predictions of the last night."""
    return pq.read_table(stood[0].home.predictions(LAST)).to_pylist()


@pytest.fixture(scope="module")
def star(scored: list[dict[str, Any]]) -> dict[str, Any]:
    """What was said of a star with a short period and many points."""
    return max(
        (one for one in scored if one["decision"] in ("RRL", "CEP")), key=lambda one: one[f"p_{one['decision']}"]
    )


def show(page: "Page", oid: str) -> None:
    """Type an object on the first page, as a person does."""
    page.goto("/")
    page.get_by_label("ZTF oid or TIC number", exact=True).fill(oid)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=oid, level=1).wait_for()


def drop(page: "Page", name: str, text: str) -> None:
    """Drop a file on the first page."""
    page.goto("/")
    files = page.evaluate_handle(
        "([name, text]) => { const all = new DataTransfer(); all.items.add(new File([text], name)); return all; }",
        [name, text],
    )
    with page.expect_navigation():
        page.dispatch_event("body", "drop", {"dataTransfer": files})


def drawn(page: "Page") -> str:
    """Give where the folded points of the first band are."""
    return page.locator("#fold svg .points").first.get_attribute("d") or ""


def heading(page: "Page", title: str) -> "Locator":
    """Give a heading of the table of objects."""
    return page.get_by_role("columnheader", name=title, exact=True)


def column(page: "Page", title: str) -> list[float]:
    """Give the numbers below a heading that are known."""
    number = heading(page, title).evaluate("head => head.cellIndex")
    said = page.locator(f"table.sortable tbody tr > :nth-child({number + 1})").all_inner_texts()
    return [float(one) for one in said if re.fullmatch(r"[\d.]+", one)]


def test_who_types_an_oid_sees_its_class(page: "Page", picture: Picture, star: dict[str, Any]) -> None:
    show(page, star["oid"])
    assert page.locator("#decision .class").inner_text() == star["decision"]
    best = page.locator("table.probabilities tr.best")
    assert star["decision"] in best.inner_text()
    assert f"{100 * star['p_' + star['decision']]:.1f}" in best.inner_text()
    assert f"odder than {100 * star['anomaly']:.1f} %" in page.locator("#decision").inner_text()
    for panel in ("Light curve", "What decided", "Position", "Catalogues", "Lineage"):
        assert page.get_by_role("region", name=panel, exact=True).is_visible()
    assert page.locator("table.deciding tbody tr").count() == 5
    picture("object")


def test_an_object_that_was_never_fetched_is_asked_of_the_archives(
    page: "Page", stood: tuple[Workspace, str], scored: list[dict[str, Any]]
) -> None:
    detected = pq.read_table(stood[0].home.raw(BEFORE).parents[2] / "sky" / "detections.parquet", columns=["oid"])
    fetched = {oid for night in (BEFORE, LAST) for oid in objects(stood[0], night)}
    counts = detected.group_by("oid").aggregate([("oid", "count")]).sort_by("oid").to_pylist()
    other = next(one["oid"] for one in counts if one["oid_count"] > 20 and one["oid"] not in fetched)
    show(page, other)
    assert "from the archives" in page.locator("main").inner_text()
    assert page.locator("#decision .class").inner_text() in {one["decision"] for one in scored}


def objects(place: Workspace, night: object) -> list[str]:
    """Give the objects that were fetched in a night."""
    oids: list[str] = pq.read_table(place.home.raw(night) / "objects.parquet", columns=["oid"])["oid"].to_pylist()  # type: ignore[arg-type]
    return oids


def test_who_drags_the_period_sees_the_curve_fold_anew(page: "Page", star: dict[str, Any]) -> None:
    show(page, star["oid"])
    period, found = page.get_by_label("Period", exact=True), drawn(page)
    days = float(period.input_value())
    slider = page.get_by_label("Drag the period")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], middle, steps=5)
    page.mouse.up()
    assert float(period.input_value()) != days
    assert drawn(page) != found
    page.get_by_role("button", name="twice the period").click()
    assert float(period.input_value()) == pytest.approx(2 * days, rel=1e-6)
    assert "twice the period found" in page.locator("#fold-says").inner_text()
    page.get_by_role("button", name="found", exact=True).click()
    assert drawn(page) == found


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("curve.csv", "mjd,mag,err,band\n58900.1,18.2,0.1,g\n58901.1,bright,0.1,g\n", "bright"),
        ("curve.csv", "day,brightness\n1,2\n", "mjd"),
        ("curve.parquet", "this is no Parquet", "Parquet"),
        ("empty.csv", "", "empty"),
    ],
)
def test_a_bad_file_is_answered_with_what_is_wrong_with_it(
    page: "Page", refused: set[int], name: str, text: str, said: str
) -> None:
    refused.add(400)
    drop(page, name, text)
    told = page.get_by_role("alert").inner_text()
    assert told.startswith(f"{name}: ")
    assert said in told
    assert "Traceback" not in page.content()
    assert page.get_by_label("ZTF oid or TIC number", exact=True).is_visible()


def test_a_dropped_light_curve_is_classified_as_the_night_classified_it(
    page: "Page", stood: tuple[Workspace, str], star: dict[str, Any]
) -> None:
    seen = observed.kept(stood[0], star["oid"])
    assert seen
    row = seen.curve.to_pylist()[0]
    points = zip(*(row[name] for name in ("mjd", "mag", "err", "band")), strict=True)
    drop(page, "mine.csv", "mjd,mag,err,band\n" + "".join(f"{m},{y},{e},{b}\n" for m, y, e, b in points))
    assert page.locator("#decision .class").inner_text() == star["decision"]
    assert "a file that was dropped here; it is not kept" in page.locator("main").inner_text()


@pytest.mark.parametrize(
    ("typed", "status", "said"), [("ZTF20zzzzzzz", 404, "ZTF20zzzzzzz"), ("not an object!", 400, "no object's name")]
)
def test_an_object_nobody_knows_is_told_in_a_sentence(
    page: "Page", refused: set[int], typed: str, status: int, said: str
) -> None:
    refused.add(status)
    page.goto("/")
    page.get_by_label("ZTF oid or TIC number", exact=True).fill(typed)
    page.keyboard.press("Enter")
    assert said in page.get_by_role("alert").inner_text()


def test_tonight_s_table_sorts_by_any_heading_and_back(page: "Page", picture: Picture) -> None:
    page.goto("/tonight")
    picture("tonight")
    page.goto("/tonight?show=uncertain")
    for title in ("Probability", "Anomaly"):
        before = column(page, title)
        assert len(before) > 30
        heading(page, title).get_by_role("link").click()
        first = "descending" if heading(page, title).get_attribute("aria-sort") == "descending" else "ascending"
        assert column(page, title) == sorted(before, reverse=first == "descending")
        heading(page, title).get_by_role("link").click()
        assert heading(page, title).get_attribute("aria-sort") != first
        assert column(page, title) == sorted(before, reverse=first != "descending")


def test_a_night_of_several_pages_is_sorted_as_a_whole(page: "Page", scored: list[dict[str, Any]]) -> None:
    page.goto("/tonight?show=all")
    heading(page, "Anomaly").get_by_role("link").click()
    page.wait_for_url("**sort=anomaly*")
    told = column(page, "Anomaly")
    assert (
        told == [round(one, 3) for one in sorted((row["anomaly"] or 0.0 for row in scored), reverse=True)][: len(told)]
    )
    page.get_by_role("link", name="More rows").click()
    page.wait_for_url("**page=2*")
    assert column(page, "Anomaly")[0] <= told[-1]


def test_the_oddest_objects_of_the_night_lead_to_their_pages(page: "Page", scored: list[dict[str, Any]]) -> None:
    page.goto("/tonight")
    page.get_by_role("link", name="Most anomalous").click()
    oddest = max(scored, key=lambda one: one["anomaly"] or 0.0)
    page.locator("table.sortable tbody a").first.click()
    page.get_by_role("heading", name=oddest["oid"], level=1).wait_for()


def test_the_model_s_page_tells_the_champion_and_its_promotion(page: "Page", picture: Picture) -> None:
    page.goto("/")
    page.get_by_role("link", name="Model", exact=True).click()
    page.get_by_role("heading", name="Model", level=1).wait_for()
    said = page.locator("main").inner_text()
    assert "first champion" in said
    assert str(LAST) in said
    picture("model")


def test_the_keyboard_alone_does(page: "Page", star: dict[str, Any]) -> None:
    page.goto("/")
    page.wait_for_function("document.activeElement.id === 'oid'")
    page.keyboard.type(star["oid"])
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=star["oid"], level=1).wait_for()
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    for _ in range(40):
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", focused(page)
        if page.evaluate("document.activeElement.id") == "period":
            break
    before = drawn(page)
    page.keyboard.press("ArrowRight")
    assert drawn(page) != before
    page.goto("/tonight?show=all")
    for _ in range(40):
        page.keyboard.press("Tab")
        if focused(page) == "Probability":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**sort=probability*")
    assert heading(page, "Probability").get_attribute("aria-sort") == "descending"


def focused(page: "Page") -> str:
    """Give the text of what has the focus."""
    return str(page.evaluate("document.activeElement.innerText ?? ''")).strip()


@pytest.mark.parametrize("path", PAGES)
def test_everything_a_screen_reader_meets_has_a_name(page: "Page", star: dict[str, Any], path: str) -> None:
    page.goto(path.format(oid=star["oid"]))
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    seen = [node for node in nodes if not node["ignored"] and node["role"]["value"].lower() in NAMED]
    assert seen
    assert [node["role"]["value"] for node in seen if not node["name"]["value"].strip()] == []
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.get_by_role("main").count() == page.get_by_role("contentinfo").count() == 1
    assert page.locator("html").get_attribute("lang") == "en"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_text_is_readable_in_light_and_dark(
    page: "Page", picture: Picture, star: dict[str, Any], path: str, scheme: str
) -> None:
    page.goto(path.format(oid=star["oid"]))
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert (sum(dark) < 3 * 128) == (scheme == "dark")
    assert page.evaluate(CONTRAST.read_text(encoding="utf-8")) == []
    if scheme == "dark" and path.startswith("/object"):
        picture("object")


@pytest.mark.parametrize("path", PAGES)
def test_a_narrow_screen_need_not_be_scrolled_sideways(page: "Page", star: dict[str, Any], path: str) -> None:
    page.set_viewport_size({"width": 360, "height": 700})
    page.goto(path.format(oid=star["oid"]))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_without_scripts_the_table_sorts_and_the_periods_are_written_out(
    browser: "Browser", stood: tuple[Workspace, str], star: dict[str, Any]
) -> None:
    context = browser.new_context(base_url=stood[1], java_script_enabled=False)
    page = context.new_page()
    page.goto("/tonight?show=all")
    heading(page, "Probability").get_by_role("link").click()
    page.wait_for_url("**sort=probability*")
    assert heading(page, "Probability").get_attribute("aria-sort") == "descending"
    page.goto(f"/object/{star['oid']}")
    assert "Folding needs JavaScript. The periods found are" in page.locator("#fold").inner_text()
    context.close()
