"""SQL is written in the store and nowhere else, and all of it is compared with the ORM."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.table import ROOT

KIT, STORE = ROOT / "sso_kit", ROOT / "sso_kit" / "store"
COMPARISONS = Path(__file__).parent / "project"
CALLS = {"cursor", "execute", "executemany", "callproc", "raw", "extra", "RawSQL", "RunSQL"}


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def public_functions() -> Iterator[str]:
    """``people.find`` and so on."""
    for path in sorted(STORE.glob("*.py")):
        for node in parsed(path).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield f"{path.stem}.{node.name}"


def compared() -> set[str]:
    """What tests say that they compare: ``@compares(people.find)``."""
    return {
        ast.unparse(argument)
        for path in COMPARISONS.glob("test_*.py")
        for test in parsed(path).body
        if isinstance(test, ast.FunctionDef)
        for decorator in test.decorator_list
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "compares"
        for argument in decorator.args
    }


@pytest.mark.parametrize("function", list(public_functions()))
def test_each_function_of_the_store_is_compared_with_the_orm(function: str) -> None:
    assert function in compared(), f"compare {function} in tests/store/project"


def test_nothing_is_compared_that_isnt_there() -> None:
    assert compared() - set(public_functions()) == set()


def calls_of_sql(path: Path) -> list[str]:
    calls = (node for node in ast.walk(parsed(path)) if isinstance(node, ast.Call))
    return [
        f"{path.relative_to(ROOT)}:{call.lineno} {ast.unparse(call.func)}"
        for call in calls
        if ast.unparse(call.func).rpartition(".")[2] in CALLS
    ]


def test_sql_is_written_in_the_store_alone() -> None:
    others = [path for path in sorted(KIT.rglob("*.py")) if STORE not in path.parents]

    assert [call for path in others for call in calls_of_sql(path)] == []


def test_within_the_store_one_module_runs_it() -> None:
    """So the search finds what it looks for."""
    running = {path.stem for path in STORE.glob("*.py") if calls_of_sql(path)}

    assert running == {"rows"}
