"""``docs/threat-model.md`` is made from results: it may not lag behind the tests.

What would make this lie: a document without rows. Hence they are counted both ways.
"""

from __future__ import annotations

import re

import pytest

from lab.table import ROOT
from tests.attacks import threat_model

NAMED = re.compile(r'^## <a id="([a-z-]+)">', re.MULTILINE)
TESTED = re.compile(r"^  - `(test_[a-z_]+\.py::test_\w+)`", re.MULTILINE)
REMEDY = "run: python -m pytest tests/attacks && python -m tests.attacks.threat_model"


@pytest.fixture(scope="module")
def document() -> str:
    return threat_model.DOCUMENT.read_text()


def test_the_document_has_every_threat_and_no_other(document: str) -> None:
    assert NAMED.findall(document) == list(threat_model.threats()), REMEDY


def test_the_document_names_every_test_of_a_threat_and_no_other(document: str) -> None:
    assert set(TESTED.findall(document)) == {test for *_, test in threat_model.marked()}, REMEDY


def test_every_threat_has_a_test_and_every_test_a_threat() -> None:
    tested = {threat for kind, threat, _ in threat_model.marked() if kind == "threat"}

    assert tested == set(threat_model.threats())


def test_every_control_belongs_to_a_threat() -> None:
    assert {threat for _, threat, _ in threat_model.marked()} <= set(threat_model.threats())


def test_every_module_that_is_named_exists() -> None:
    modules = {m for t in threat_model.threats().values() for m in t["where"].split(", ")}

    assert [module for module in sorted(modules) if not (ROOT / module).exists()] == []


def test_the_document_says_that_all_holds(document: str) -> None:
    assert "FAIL" not in document
