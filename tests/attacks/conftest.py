"""The twins under attack, and a record of what each attack came to.

``kit`` and ``stock`` are the same project before and after the two-line change, as real
processes under gunicorn with 16 threads that take turns every 0.1 ms.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from lab import table
from tests.attacks import pairs
from tests.attacks.odd_server import OddServer
from tests.attacks.pairs import Pair
from tests.support.browser import Browser

RESULTS = table.ROOT / "test-results" / "threats.json"
_outcomes: list[dict[str, object]] = []


@pytest.fixture(scope="session")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    yield from _running(tmp_path_factory, "kit")


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Set up as tutorials do, ``DEBUG`` included."""
    yield from _running(tmp_path_factory, "stock", DEBUG="1")


def _running(folders: pytest.TempPathFactory, flavour: str, **environment: str) -> Iterator[Pair]:
    pair = pairs.start(folders.mktemp(flavour), flavour, environment)
    yield pair
    pair.close()


@pytest.fixture(scope="session")
def faulty(kit: Pair) -> Iterator[OddServer]:
    """The identity server in trouble that ``kit.further("faulty")`` has to do with."""
    server = OddServer()
    kit.further("faulty", SSO_URL=f"{server.url}/sso/", READ_BUDGET="0.6", REST="0.1")
    yield server
    server.close()


@pytest.fixture(scope="session")
def stock_faulty(stock: Pair) -> Iterator[OddServer]:
    server = OddServer()
    stock.further("faulty", SSO_URL=f"{server.url}/sso/")
    yield server
    server.close()


@pytest.fixture
def victim() -> Browser:
    return Browser()


@pytest.fixture
def attacker() -> Browser:
    return Browser()


@pytest.fixture
def saw(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Note in a few words what an attack came to, for ``docs/threat-model.md``.

    Not by ``record_property``, which warns where a JUnit file is written too.
    """
    return lambda words: request.node.user_properties.append(("saw", words))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "threat(name): the attack of threats.toml, on the kit")
    config.addinivalue_line(
        "markers", "control(name, undefended): the same attack where it must succeed"
    )


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Leave the item's markers where the hook below finds them."""
    for kind in ("threat", "control"):
        for marker in item.iter_markers(kind):
            if call.when == "call":
                item.user_properties.append((kind, list(marker.args)))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    found: dict[str, object] = dict(report.user_properties)
    if report.when == "call" and ("threat" in found or "control" in found):
        _outcomes.append({"test": report.nodeid, "result": report.outcome, **found})


def pytest_sessionfinish() -> None:
    if _outcomes:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(_outcomes, indent=1))
