"""Browser tests of the whole lab, black box: real browser, nginx, gunicorn and databases.

They run against a lab of their own, or with LAB=up against the one that is up, data and
all; so each test uses people and titles in a way that leaves the others alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from e2e import artefacts
from e2e.hops import Hops
from tests.support import chromium, instance
from tests.support.instance import Instance


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with instance.for_tests(tmp_path_factory.mktemp("lab")) as running:
        yield running
        if instance.SAVED_LOGS in os.environ:
            running.save_logs(Path(os.environ[instance.SAVED_LOGS]))


@pytest.fixture(scope="session")
def base_url() -> None:
    """Each site has its own. (The plugin's is a method, which pytest warns of.)"""


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any], browser_name: str
) -> dict[str, Any]:
    ours = chromium.launch_options() if browser_name == "chromium" else {}
    return ours | browser_type_launch_args


@pytest.fixture
def new_context(
    new_context: Callable[..., BrowserContext], request: pytest.FixtureRequest, output_path: str
) -> Iterator[Callable[..., BrowserContext]]:
    """Contexts that are traced; the traces of a failed test stay (playwright show-trace FILE)."""
    traced: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        context = new_context(**options)
        artefacts.start_trace(context)
        traced.append(context)
        return context

    yield make
    for number, context in enumerate(traced, 1):
        artefacts.end_trace(context, request.node, Path(output_path) / f"trace-{number}.zip")


@pytest.fixture
def context(new_context: Callable[..., BrowserContext]) -> BrowserContext:
    """One person's browser, fresh for each test."""
    context = new_context()
    context.set_default_timeout(10_000)
    return context


@pytest.fixture
def hops(context: BrowserContext) -> Hops:
    """Everything that ``page`` requests, from the beginning."""
    return Hops(context)


@pytest.fixture
def other_page(new_context: Callable[..., BrowserContext]) -> Page:
    """A page in another person's browser."""
    return new_context().new_page()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and report.failed:
        item.stash[artefacts.FAILED] = True
        artefacts.keep(item)
    return report
