"""The run itself: a killed mutant, a survivor and broken code are told from each other.

On a project of three lines, whose one test looks at one of its two functions.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.table import ROOT
from tests.mutants.catalogue import Mutant
from tests.mutants.workshop import Verdict, Workshop

CODE = "def seen():\n    return 1\n\n\ndef unseen():\n    return 2\n"
TEST = "from sso_kit import code\n\n\ndef test_it():\n    assert code.seen() == 1\n"
OTHER = "def test_nothing():\n    pass\n"


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    root = tmp_path / "project"
    for name, text in {
        "sso_kit/__init__.py": "",
        "sso_kit/code.py": CODE,
        "tests/__init__.py": "",
        "tests/kit/__init__.py": "",
        "tests/kit/settings.py": 'SECRET_KEY = "of a project without anything"\n',
        "tests/kit/test_code.py": TEST,
        "tests/kit/test_other.py": OTHER,
        "tests/mutants/__init__.py": "",
        "tests/mutants/witness.py": (ROOT / "tests/mutants/witness.py").read_text(),
        "lab/__init__.py": "",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "docs").mkdir()
    return Workshop(tmp_path / "copy", root)


def mutant(find: str, replace: str, tests: str = "test_code.py") -> Mutant:
    return Mutant("m", "code.py", find, replace, ("s",), (tests,))


@pytest.mark.parametrize(
    ("changed", "verdict", "by"),
    [
        (mutant("return 1", "return 3"), Verdict.KILLED, "test_code.py::test_it (AssertionError)"),
        (mutant("return 1", "return 3", "test_other.py"), Verdict.KILLED, "none of its own"),
        (mutant("return 2", "return 3"), Verdict.SURVIVED, ""),
        (mutant("return 1", "return one"), Verdict.BROKEN, "NameError"),
        (mutant("def seen", "import nothing_like_it\ndef seen"), Verdict.BROKEN, "CollectError"),
        (mutant("return 1", "return 3", "test_code.py::test_gone"), Verdict.BROKEN, "not found"),
    ],
)
def test_the_verdict(workshop: Workshop, changed: Mutant, verdict: Verdict, by: str) -> None:
    outcome = workshop.judge(changed)

    assert outcome.verdict is verdict
    assert by in outcome.by


def test_the_code_is_put_back_and_the_project_never_touched(
    workshop: Workshop, tmp_path: Path
) -> None:
    workshop.judge(mutant("return 1", "return 3"))

    assert workshop.run(["test_code.py"]) == (Verdict.SURVIVED, "")
    assert (tmp_path / "project/sso_kit/code.py").read_text() == CODE
