"""Who imports whom in lab/: from one layer to those before it, and never in a circle."""

from __future__ import annotations

import ast
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

from lab.table import ROOT

# The modules of lab/ itself count as "".
LAYERS = ("", "machine", "generate", "runtimes", "commands", "__main__")


@cache
def imported() -> dict[str, set[str]]:
    """Module -> the modules of lab/ that it imports, anywhere in it."""
    paths = {_name(path): path for path in (ROOT / "lab").rglob("*.py")}
    return {name: _imports(path) & paths.keys() - {name} for name, path in paths.items()}


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= names if names & _modules() else {node.module}
    return found


@cache
def _modules() -> frozenset[str]:
    return frozenset(_name(path) for path in (ROOT / "lab").rglob("*.py"))


def layer(module: str) -> int:
    names = module.split(".")[1:2] or [""]
    return LAYERS.index(names[0]) if names[0] in LAYERS else 0


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert list(TopologicalSorter(imported()).static_order())


def test_a_module_imports_only_from_its_own_layer_and_those_before() -> None:
    upwards = [
        f"{module} imports {other}"
        for module, others in imported().items()
        for other in others
        if layer(other) > layer(module)
    ]

    assert upwards == []


def test_control_the_imports_are_seen() -> None:
    assert "lab.table" in imported()["lab.place"]
    assert "lab.runtimes.local" in imported()["lab.runtimes.choice"]
    assert layer("lab.runtimes.local") > layer("lab.machine.ports") > layer("lab.table")
