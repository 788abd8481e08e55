"""How the kit is built: who imports whom, where each defence is, where each step is told."""

from __future__ import annotations

import ast
import graphlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from lab.table import ROOT
from sso_kit.defences import Defence
from sso_kit.events import Step

KIT = ROOT / "sso_kit"
FILES = sorted(KIT.rglob("*.py"))
LAB = ("lab", "site_common", "server_site", "client_a", "client_b", "tests", "bench", "twin", "e2e")
LAZY = ("sso_kit.client", "sso_kit.server")  # give out their class on first use


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in FILES}


@cache
def tree_of(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text())


def imports_of(module: str) -> set[str]:
    """Modules that it imports anywhere, in functions and for types too, by absolute name."""
    if module in LAZY:
        return set()
    nodes = list(ast.walk(tree_of(module)))
    named = {each.name for node in nodes if isinstance(node, ast.Import) for each in node.names}
    return named | {
        name for node in nodes if isinstance(node, ast.ImportFrom) for name in sources(module, node)
    }


def sources(module: str, node: ast.ImportFrom) -> Iterator[str]:
    """``from .a import b`` is of the module ``a.b`` if there is one, else of ``a``."""
    package = module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]
    above = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
    base = ".".join([*above, *([node.module] if node.module else [])])
    for alias in node.names:
        inner = f"{base}.{alias.name}"
        yield inner if inner in MODULES else base


def test_the_kit_has_no_import_circles() -> None:
    graph = {module: imports_of(module) & MODULES.keys() for module in MODULES}

    assert sum(map(len, graph.values())) > 100, "the imports weren't found"
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as circle:
        pytest.fail(f"import circle: {' -> '.join(circle.args[1])}")


@pytest.mark.parametrize("package", LAZY)
def test_what_gives_out_its_class_on_first_use_imports_nothing_else(package: str) -> None:
    """So it may be left out of the search above."""
    own = {
        node.module
        for node in ast.walk(tree_of(package))
        if isinstance(node, ast.ImportFrom) and node.level
    }

    assert own == {package.rpartition(".")[2]}


@pytest.mark.parametrize("module", sorted(MODULES))
def test_the_kit_knows_nothing_of_the_lab(module: str) -> None:
    assert [name for name in imports_of(module) if name.split(".")[0] in LAB] == []


@pytest.mark.parametrize("module", sorted(MODULES))
def test_what_is_asked_for_one_by_one_is_imported_by_nothing_else(module: str) -> None:
    found = [name for name in imports_of(module) if name.startswith("sso_kit.contrib")]

    assert module.startswith("sso_kit.contrib") or found == []


def functions_of(module: str) -> dict[str, ast.AST]:
    """``views.LoginView.get`` and so on, from the kit's own folder on."""
    found: dict[str, ast.AST] = {}

    def look(body: list[ast.stmt], at: str) -> None:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = f"{at}.{node.name}"
                found[name] = node
                look(node.body, name)

    look(tree_of(module).body, module.partition(".")[2])
    return {name: node for name, node in found.items() if not isinstance(node, ast.ClassDef)}


def mentions(node: ast.AST, kind: str, name: str) -> bool:
    return any(
        isinstance(each, ast.Attribute) and ast.unparse(each) in (f"{kind}.{name}", name)
        for each in ast.walk(node)
    )


@pytest.mark.parametrize("defence", Defence)
def test_a_defence_is_enforced_where_its_row_says_and_nowhere_else(defence: Defence) -> None:
    enforcing = {
        name
        for module in MODULES
        for name, node in functions_of(module).items()
        if mentions(node, "Defence", defence.name)
    }

    assert enforcing == set(defence.enforced_by)


@pytest.mark.parametrize("module", sorted(MODULES.keys() - {"sso_kit.defences"}))
def test_defences_are_asked_for_in_functions_by_their_name(module: str) -> None:
    """What is out of all functions, or by a value, the test above doesn't see."""
    text = MODULES[module].read_text()
    inside = [ast.unparse(node) for node in functions_of(module).values()]

    for used in set(re.findall(r"\bDefence\.\w+", text)):
        assert any(used in each for each in inside)
    assert "Defence(" not in text
    assert text.count("defences.on(") == text.count("defences.on(Defence.")


def tellings() -> list[str]:
    """The first argument of each ``events.tell(...)``."""
    return [
        ast.unparse(node.args[0])
        for module in MODULES
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("events.tell", "tell")
    ]


@pytest.mark.parametrize("step", Step, ids=lambda step: step.name)
def test_each_step_is_told_by_its_name_and_not_used_otherwise(step: Step) -> None:
    name = f"Step.{step.name}"
    used = sum(
        len(re.findall(rf"\b{re.escape(name)}\b", path.read_text()))
        for path in FILES
        if path != KIT / "events.py"
    )

    assert used == tellings().count(name) >= 1


def test_every_telling_names_a_step() -> None:
    assert tellings()
    assert set(tellings()) <= {f"Step.{step.name}" for step in Step}


def test_only_tell_sends_the_signal() -> None:
    sending = [
        name
        for module in MODULES
        for name, node in functions_of(module).items()
        if re.search(r"step_taken\.(a?send)", ast.unparse(node))
    ]

    assert sending == ["events.tell"]
