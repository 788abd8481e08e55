"""Looks at a page as axe-core does, in both sizes and both colour schemes."""

from __future__ import annotations

from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS = (320, 1280)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# Colours are all that a scheme changes, so the second one is looked at for contrast only.
ALL_RULES = {"resultTypes": ["violations"]}
CONTRAST = ALL_RULES | {"runOnly": ["color-contrast", "link-in-text-block"]}
AXE = Axe().axe_script
RUN = "rules => axe.run(rules).then(results => results.violations)"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def faults(page: Page) -> list[str]:
    """One line for each; the page is loaded once and then resized and recoloured."""
    page.emulate_media(reduced_motion="reduce")
    page.evaluate(AXE)
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            rules = ALL_RULES if scheme == SCHEMES[0] else CONTRAST
            violations = page.evaluate(RUN, rules)
            found += [f"{page.url} {width}px {scheme}: {text}" for text in _texts(violations)]
        if page.evaluate(OVERFLOW) > 0:
            found.append(f"{page.url} scrolls sideways at {width}px")
    return found


def _texts(violations: list[dict[str, Any]]) -> list[str]:
    return [
        f"{violation['id']} {node['target']}: {node['failureSummary']}"
        for violation in violations
        for node in violation["nodes"]
    ]
