"""The mutants, read from the lists, and what is wrong with a list."""

from __future__ import annotations

import ast
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.table import ROOT

FOLDER = Path(__file__).parent
PROSE = FOLDER / "prose.toml"
KIT = Path("sso_kit")
TESTS = Path("tests/kit")
FIELDS = {"id", "file", "find", "replace", "sentence", "tests"}


@dataclass(frozen=True)
class Mutant:
    """One change of the code.

    Attributes:
        file: under ``sso_kit/``.
        find: the text to replace; it occurs exactly once.
        sentences: whole sentences or table cells of docs/protocol.md that become untrue.
        tests: pytest's arguments, under ``tests/kit/``, that are expected to fail.
    """

    id: str
    file: str
    find: str
    replace: str
    sentences: tuple[str, ...]
    tests: tuple[str, ...]

    @property
    def path(self) -> Path:
        return KIT / self.file

    def applied_to(self, source: str) -> str:
        return source.replace(self.find, self.replace)


def mutants(folder: Path = FOLDER) -> list[Mutant]:
    """All of them, in the order of the lists. Raises ``ValueError`` on a malformed entry."""
    lists = [path for path in sorted(folder.glob("*.toml")) if path.name != PROSE.name]
    return [_mutant(path, entry) for path in lists for entry in _entries(path)]


def _entries(path: Path) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = tomllib.loads(path.read_text())["mutant"]
    return entries


def _mutant(path: Path, entry: dict[str, Any]) -> Mutant:
    if set(entry) != FIELDS:
        odd = ", ".join(sorted(set(entry) ^ FIELDS))
        raise ValueError(f"{path.name}, {entry.get('id', '?')}: missing or unknown: {odd}")
    sentences = entry["sentence"]
    return Mutant(
        entry["id"],
        entry["file"],
        entry["find"],
        entry["replace"],
        tuple([sentences] if isinstance(sentences, str) else sentences),
        tuple(entry["tests"]),
    )


def problems(found: list[Mutant], root: Path = ROOT) -> list[str]:
    """What makes a list stale or useless, one line each."""
    twice = [id for id, times in Counter(mutant.id for mutant in found).items() if times > 1]
    return [f"{id}: there are two of this id" for id in twice] + [
        f"{mutant.id}: {problem}" for mutant in found for problem in _problems(mutant, root)
    ]


def _problems(mutant: Mutant, root: Path) -> Iterator[str]:
    path = root / mutant.path
    if not path.is_file():
        yield f"{mutant.path} is gone"
        return
    source = path.read_text()
    times = source.count(mutant.find)
    if times != 1:
        yield f"its text occurs {times} times in {mutant.path}: {mutant.find!r}"
    elif mutant.applied_to(source) == source:
        yield "it changes nothing"
    elif path.suffix == ".py" and (error := _syntax_error(mutant.applied_to(source))):
        yield f"the changed module is no Python: {error}"
    if not mutant.tests:
        yield "it names no tests"
    for test in mutant.tests:
        if not (root / TESTS / test.partition("::")[0]).exists():
            yield f"{TESTS / test} is gone"


def _syntax_error(source: str) -> str:
    try:
        ast.parse(source)
    except SyntaxError as error:
        return str(error)
    return ""
