"""Which private names of other packages a package of ours uses, found by reading it.

A name is another's when it begins with one underscore and isn't defined here; in a class
also when a class of others that it derives from has it: then it is an override, or reaches
into the base. A module called ``internal`` is as private.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lab.table import ROOT


@dataclass(frozen=True)
class Private:
    """What one package of others doesn't promise to keep, and ours relies on.

    Attributes:
        owner: dotted name of the module, the class or the object that has it.
        files: ours that use it, from the package's folder on.
        takes: the parameters that it is given or has, or ``None`` for what isn't called.
    """

    owner: str
    name: str
    files: tuple[str, ...]
    why: str
    takes: tuple[str, ...] | None = None

    def __str__(self) -> str:
        return f"{self.owner}.{self.name}"

    def check(self, package: str) -> None:
        """Fail, naming our files, where it has gone or is called otherwise."""
        ours = ", ".join(f"{package}/{each}" for each in self.files)
        needs = f"{ours} must be mended: it {self.why}."
        owner = _resolved(self.owner)
        assert owner is not None, f"{self.owner} has gone. {needs}"
        there: Any = getattr(owner, self.name, None)
        assert there is not None or re.search(rf"\b{self.name}\b", source_of(owner)), (
            f"{self} has gone. {needs}"
        )
        if self.takes is not None:
            takes = tuple(inspect.signature(there).parameters)
            assert takes == self.takes, f"{self} takes {takes} now. {needs}"

    def check_files(self, package: str) -> None:
        """Fail where one of them doesn't use it any more: the row can go."""
        for each in self.files:
            text = (ROOT / package / each).read_text()
            assert re.search(rf"\b{self.name}\b", text), f"{each} has no {self.name} any more"


def _resolved(dotted: str) -> Any:
    """A module, or what is in one; ``None`` where there is no such thing."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            found = getattr(found, part, None)
        return found
    return None


READERS = {"getattr", "setattr", "hasattr", "delattr"}


def foreign(package: str, without: tuple[str, ...] = ("migrations",)) -> dict[str, set[str]]:
    """Private name -> the files of the package, from its folder on, that use it."""
    folder = ROOT / package
    trees = {
        path: ast.parse(path.read_text())
        for path in sorted(folder.rglob("*.py"))
        if not set(path.parts) & set(without)
    }
    ours = {name for tree in trees.values() for name in _defined(tree)}
    found: dict[str, set[str]] = {}
    for path, tree in trees.items():
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for name in {*_imported(tree), *(_used(tree) - ours), *_inherited(tree, module, package)}:
            found.setdefault(name, set()).add(str(path.relative_to(folder)))
    return found


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name != "_"


def _defined(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name


def _used(tree: ast.AST) -> set[str]:
    """Attributes of anything, and those that ``getattr`` and its like name."""
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in READERS:
            named = (each.value for each in node.args[1:2] if isinstance(each, ast.Constant))
            names |= set(map(str, named))
    return set(filter(_is_private, names))


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level:
            inner = any(part == "internal" or _is_private(part) for part in _parts(node.module))
            for alias in node.names:
                if inner or _is_private(alias.name):
                    yield alias.name


def _parts(dotted: str | None) -> list[str]:
    return (dotted or "").split(".")


def _inherited(tree: ast.Module, module: str, package: str) -> Iterator[str]:
    """Private names in a class of ours that a base class of others has too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node in tree.body:
            names = set(filter(_is_private, {*_defined(node), *_used(node)}))
            if names:
                sources = _bases(getattr(importlib.import_module(module), node.name), package)
                yield from (name for name in names if re.search(rf"\b{name}\b", sources))


def _bases(kind: Any, package: str) -> str:
    others = [base for base in kind.__mro__ if not base.__module__.startswith(package)]
    return "\n".join(filter(None, map(source_of, others)))


def source_of(something: Any) -> str:
    """Its source, or nothing for what is built in."""
    try:
        return inspect.getsource(something)
    except (TypeError, OSError):
        return ""
