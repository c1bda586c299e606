"""From figures to Markdown, and from Markdown to a page that opens from a disk."""

import html
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from starloop.evaluation.intervals import Interval

_HERE = Path(__file__).parent


def markdown(template: str, facts: Mapping[str, Any]) -> str:
    """Fill a Markdown template of this folder."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=False,  # noqa: S701 - Markdown; what comes from catalogues goes through `cell`
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters.update({"number": number, "interval": interval, "ends": ends, "cell": cell})
    return environment.get_template(template).render(facts)


def page(text: str, title: str, folder: Path) -> str:
    """Make an HTML page of Markdown.

    Parameters
    ----------
    text : str
        With tables; HTML in it is shown, not obeyed.
    title : str
        Of the browser's tab.
    folder : Path
        Where its SVG pictures are; they become part of the page.
    """
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(text)
    for token in tokens:
        for child in token.children or ():
            if child.type == "image":
                drawn = (folder / str(child.attrs["src"])).read_text(encoding="utf-8")
                caption = html.escape(child.content)
                child.type = "html_inline"
                child.content = f"<figure>{drawn[drawn.index('<svg') :]}<figcaption>{caption}</figcaption></figure>"
    body = reader.renderer.render(tokens, reader.options, {})
    template = (_HERE / "page.html").read_text(encoding="utf-8")
    # The body is markdown-it's: escaped but for the pictures we drew.
    return jinja2.Environment(autoescape=True).from_string(template).render(title=title, body=Markup(body))  # noqa: S704


def number(value: float | None, digits: int = 2) -> str:
    """Write a figure; a dash for nothing."""
    return "–" if value is None or not math.isfinite(value) else f"{value:.{digits}f}"


def interval(one: Interval, digits: int = 2) -> str:
    """Write a figure with the ends of its interval."""
    if not math.isfinite(one.value):
        return "–"
    return f"{number(one.value, digits)} ({ends(one, digits)})"


def ends(one: Interval, digits: int = 2) -> str:
    """Write the ends of an interval."""
    return f"{number(one.low, digits)}–{number(one.high, digits)}" if math.isfinite(one.low) else "–"


def cell(word: str) -> str:
    """Write a catalogue's word so that it stays one cell of a table and plain text."""
    kept = "".join(f"\\{letter}" if letter in "\\`*_[]<>|&#" else letter for letter in word)
    return " ".join(kept.split())
