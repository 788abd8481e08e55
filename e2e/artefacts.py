"""What a failed test leaves: the DOM, the URL painted on what the screenshot will show, and what
the inspector has drawn.

pytest-playwright takes the screenshot, when it is asked for, after this.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Error, Page

from e2e import plain
from tests.support.instance import Instance

# Through the style object, since the sites' CSP forbids style attributes.
PAINT = """url => {
    const banner = document.createElement("p");
    banner.textContent = url;
    Object.assign(banner.style, {
        position: "fixed", inset: "auto 0 0", zIndex: 9999, margin: 0, padding: "4px 8px",
        background: "#ffe14d", color: "#000", font: "14px monospace", overflowWrap: "anywhere",
    });
    document.documentElement.append(banner);
}"""

MOST_DIAGRAMS = 4
FAILED = pytest.StashKey[bool]()


def start_trace(context: BrowserContext) -> None:
    """Without the film, which costs more than the test: snapshots show the pages as well."""
    context.tracing.start(snapshots=True, screenshots=False, sources=False)


def end_trace(context: BrowserContext, item: pytest.Item, path: Path) -> None:
    """Keep the trace of a failed test, drop the others."""
    with suppress(Error):  # a test may have closed the context
        context.tracing.stop(path=path if item.stash.get(FAILED, False) else None)


def keep(item: pytest.Item) -> None:
    """For every page that the test has open."""
    fixtures: dict[str, object] = getattr(item, "funcargs", {})
    browser = fixtures.get("browser")
    contexts: list[BrowserContext] = getattr(browser, "contexts", [])
    pages = [page for context in contexts for page in context.pages]
    folder = Path(str(fixtures.get("output_path", ""))) if "output_path" in fixtures else None
    for number, page in enumerate(pages, 1):
        with suppress(Error):  # a page that crashed or closed has nothing to keep
            _keep_page(page, folder, number)
    lab = fixtures.get("lab")
    if folder and browser is not None and isinstance(lab, Instance):
        with suppress(Error, OSError, ValueError):  # of a lab that is down there is nothing
            keep_diagrams(browser, lab, folder)


def keep_diagrams(browser: Any, lab: Instance, folder: Path) -> None:
    """The latest hand-shakes, drawn, and as JSON for whoever looks closer."""
    folder.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        page = context.new_page()
        page.goto(f"{lab.url('desk')}/inspector/", timeout=5_000)
        links = page.locator(".story .cover").evaluate_all("all => all.map(a => a.pathname)")
        for number, link in enumerate(links[:MOST_DIAGRAMS], 1):
            page.goto(lab.url("desk") + link, timeout=5_000)
            page.screenshot(path=folder / f"diagram-{number}.png", full_page=True)
            told = plain.send(lab, "desk", f"{link}diagram.json").text
            (folder / f"diagram-{number}.json").write_text(told)
    finally:
        context.close()


def _keep_page(page: Page, folder: Path | None, number: int) -> None:
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"dom-{number}.html").write_text(f"<!-- {page.url} -->\n{page.content()}")
    page.evaluate(PAINT, page.url)
