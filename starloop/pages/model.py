"""The page ``/model``: the champion, how it came to be, and whether the sky is still the one it learned from."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import pyarrow.parquet as pq
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse

from starloop import pipeline
from starloop.drift import trend
from starloop.errors import RegistryDown
from starloop.nights.store import Home
from starloop.pages.frame import place, render, stack
from starloop.report.objects import scored_nights
from starloop.report.reading import read
from starloop.workspace import Workspace

SHADES = 9
"""Steps of the confusion matrix's colour."""


@asynccontextmanager
async def _warm(app: FastAPI) -> AsyncIterator[None]:
    """Ask the registry once beside the first answers: MLflow takes seconds to begin, and people wait for the page."""

    def ask() -> None:
        # Whoever opens the page is told.
        with suppress(RegistryDown):
            _registry(app.state.place)

    threading.Thread(target=ask, daemon=True).start()
    yield


router = APIRouter(include_in_schema=False, lifespan=_warm)


@router.get("/model", response_class=HTMLResponse)
def page(request: Request) -> HTMLResponse:
    """Show the champion, the ledger of promotions, the versions, and drift."""
    here = place(request)
    try:
        registry, down = _registry(here), None
    except RegistryDown as silent:
        registry, down = {"champion": _answered_last(here.home), "promotions": [], "versions": []}, str(silent)
    bundle = _bundle(here, registry["champion"])
    newest = read(here.home.model / "bundle.json")
    return render(
        request,
        "model.html",
        registry=registry,
        down=down,
        bundle=bundle,
        confusion=_confusion(bundle["metrics"]["confusion"]) if bundle else None,
        newest=newest,
        card=(here.home.evaluation / "card.html").is_file(),
        drift=trend.told(here.home, pipeline.params(here.home).drift) if here.home.drift_page.is_file() else None,
        links=_links(here),
    )


def _registry(here: Workspace) -> dict[str, Any]:
    """Ask the registry for the champion, the ledger and the versions, the newest first."""
    if here.settings.mlflow_uri is None and not here.home.mlflow_db.is_file():
        return {"champion": None, "promotions": [], "versions": []}
    registry = here.registry()
    aliases = registry.aliases()
    return {
        "champion": aliases.get("champion"),
        "promotions": registry.history()[::-1],
        "versions": [
            {"version": version, "is": [name for name, one in sorted(aliases.items()) if one == version], **tags}
            for version, tags in sorted(registry.versions().items(), reverse=True)
        ],
    }


def _answered_last(home: Home) -> int | None:
    """Give the version that scored the last night, which the home knows without the registry."""
    nights = scored_nights(home)
    if not nights:
        return None
    versions = pq.read_table(home.predictions(nights[-1]), columns=["model_version"])["model_version"]
    number: int | None = versions[0].as_py() if len(versions) else None
    return number


def _bundle(here: Workspace, version: int | None) -> dict[str, Any] | None:
    """Read a version's facts, from the home or else from the registry."""
    if version is None:
        return None
    folder = here.home.version(version)
    return read(folder / "bundle.json") or read(here.registry().fetch(version, folder) / "bundle.json")


def _confusion(told: dict[str, Any]) -> dict[str, Any]:
    """Give the matrix's rows, every cell with its count and its shade by the share of the row."""
    rows = [
        {"class": name, "cells": [(count, round(SHADES * count / (sum(counts) or 1))) for count in counts]}
        for name, counts in zip(told["classes"], told["counts"], strict=True)
    ]
    return {"classes": told["classes"], "rows": rows}


def _links(here: Workspace) -> dict[str, str]:
    """Give the addresses of MLflow's and Prefect's pages where they run, without what is secret of them."""
    found = stack(here.home)
    configured = here.settings.mlflow_uri or ""
    if not found["mlflow"] and configured.startswith("http"):
        parts = urlsplit(configured)
        found["mlflow"] = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"
    return found
