"""Writes ``docs/threat-model.md`` from ``threats.toml`` and what the last run of tests saw.

    python -m pytest tests/attacks && python -m tests.attacks.threat_model

Nothing in the document is claimed by hand: a threat without a test that passed, or a test
that has no threat, is an error.
"""

from __future__ import annotations

import ast
import json
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.table import ROOT

FOLDER = Path(__file__).parent
DOCUMENT = ROOT / "docs" / "threat-model.md"
RESULTS = ROOT / "test-results" / "threats.json"
UNSEEN = "the attack succeeds"
INTRODUCTION = """\
# Threat model

Made by `python -m tests.attacks.threat_model` from a run of `tests/attacks`: don't edit.

Each attack is run over real HTTP, against the same small project (`tests/twin/`) in three ways:
with `sso_kit`; with stock django-simple-sso 1.3.0, set up as tutorials do; and with
`sso_kit` while the one defence that can be switched off is off. The last two are controls:
a test of a defence counts only where the same attack succeeds without it.

Alice and mallory are `user1` and `user2` at the identity server. What isn't covered here:
somebody who has a site's `SECRET_KEY`, private key or database for writing, or who reads
the network without TLS. Rate limits on the log-in form are the server's (`tests/sites`).
"""
ACCEPTED = """\
## What is accepted

- **Somebody can lock another person's password log-in for five minutes** by typing five wrong
  passwords for their name. Without a limit by account, guesses from many addresses have none. Who
  is signed in stays so, and the log's `log-in refused` line names the account and the address. A
  deployment can offer passkeys, which aren't limited; let a browser that the person has used before
  past the limit by account; or count failures by account and address together, if the addresses
  that attackers have are few.
- **An app that the server can't tell of a log-out finds out when it asks**, every 60 seconds while
  somebody is there. One that can neither be told nor ask goes on for ten minutes more
  (`CHECK_SECONDS`, `GRACE_SECONDS`): else a server that is away would sign everybody out.
- **Whoever has a consumer's key can end that consumer's sessions**, and with `everywhere` the
  server's session that they came from. It could sign people in and out of itself anyway.
- **Where a consumer registers an origin and no path**, a token can reach any page of that origin.
  RFC 9700, 4.1.3 wants the whole address compared; `sso_consumer --origin` takes one, and then it
  is.
- **The identity server sees the path that a person wanted to open at an app**, in the state; so it
  does with stock.
- **The lab speaks http.** Under https, cookies get their `__Host-` names; without it, whoever can
  write to the network can plant any cookie.
- **Everybody on one machine has one address** to nginx, so one of them who holds 3,000 unfinished
  requests is refused together with all the others, until those time out, five seconds
  after their last byte.
"""


@dataclass
class Outcome:
    """What the tests of one threat came to."""

    tests: list[tuple[str, str]] = field(default_factory=list)
    controls: list[tuple[str, str, str]] = field(default_factory=list)
    saw: list[str] = field(default_factory=list)
    controls_saw: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def passed(self) -> bool:
        results = [result for _, result in self.tests] + [result for *_, result in self.controls]
        return bool(self.tests) and set(results) == {"passed"}


def threats() -> dict[str, dict[str, str]]:
    with (FOLDER / "threats.toml").open("rb") as file:
        return tomllib.load(file)


def marked() -> Iterator[tuple[str, str, str]]:
    """Kind of marker, threat and test, from the sources of all tests."""
    for path in sorted(FOLDER.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                for kind, threat in _markers(node):
                    yield kind, threat, f"{path.name}::{node.name}"


def _markers(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    for decorator in function.decorator_list:
        text = ast.unparse(decorator)
        for kind in ("threat", "control"):
            if text.startswith(f"pytest.mark.{kind}(") and isinstance(decorator, ast.Call):
                yield kind, str(ast.literal_eval(decorator.args[0]))


def outcomes(results: list[dict[str, Any]]) -> dict[str, Outcome]:
    """By threat; tests with parameters are one test, failed if any of them failed."""
    found: dict[str, Outcome] = defaultdict(Outcome)
    for result in sorted(results, key=lambda result: str(result["test"])):
        test = Path(str(result["test"]).partition("[")[0]).name
        if "threat" in result:
            outcome = found[result["threat"][0]]
            outcome.tests.append((test, result["result"]))
            outcome.saw += [result["saw"]] if "saw" in result else []
        else:
            threat, undefended = result["control"]
            found[threat].controls.append((undefended, test, result["result"]))
            found[threat].controls_saw[undefended].append(result.get("saw", UNSEEN))
    return found


def render(found: dict[str, Outcome]) -> str:
    table = ["| Threat | Stock | With `sso_kit` | Defence in | Result |", "|---|---|---|---|---|"]
    sections = []
    for name, threat in threats().items():
        table.append(_row(name, threat, found[name]))
        sections.append(_section(name, threat, found[name]))
    return "\n".join([INTRODUCTION, *table, "", *sections, ACCEPTED])


def _row(name: str, threat: dict[str, str], outcome: Outcome) -> str:
    stock = _words(outcome.controls_saw.get("stock", ["not open to this"]))
    result = "holds" if outcome.passed else "**FAILS**"
    modules = ", ".join(f"`{module}`" for module in threat["where"].split(", "))
    link = f"[{threat['title']}](#{name})"
    return f"| {link} | {stock} | {_words(outcome.saw)} | {modules} | {result} |"


def _section(name: str, threat: dict[str, str], outcome: Outcome) -> str:
    controls = [
        f"- Control, {undefended}: {_words(saw)}."
        for undefended, saw in sorted(outcome.controls_saw.items())
    ]
    tests = [*outcome.tests, *((test, result) for _, test, result in outcome.controls)]
    return "\n".join([
        f'## <a id="{name}"></a>{threat["title"]}', "",
        f"- Attack: {threat['attack']}",
        f"- Source: {threat['source']}",
        f"- Defence: {threat['defence']} (`{threat['where'].replace(', ', '`, `')}`)",
        f"- With `sso_kit`: {_words(outcome.saw)}.",
        *controls,
        *_tests(tests), "",
    ])  # fmt: skip


def _tests(tests: list[tuple[str, str]]) -> list[str]:
    results: dict[str, set[str]] = defaultdict(set)
    for test, result in tests:
        results[test].add(result)
    return ["- Tests:", *(f"  - `{test}`: {_worst(found)}" for test, found in results.items())]


def _worst(results: set[str]) -> str:
    return "passed" if results == {"passed"} else "FAILED"


def _words(saw: list[str]) -> str:
    return "; ".join(dict.fromkeys(saw)) or "the attack fails"


def problems(found: dict[str, Outcome]) -> list[str]:
    """What keeps a document from being made."""
    sources = {(kind, threat) for kind, threat, _ in marked()}
    unknown = {threat for _, threat in sources} - set(threats())
    lacking = [name for name in threats() if not found[name].passed]
    return [
        *(f"{threat}: marked in a test, but not in threats.toml" for threat in sorted(unknown)),
        *(f"{name}: no test ran, or one failed" for name in lacking),
    ]


def main() -> int:
    found = outcomes(json.loads(RESULTS.read_text()))
    if wrong := problems(found):
        print("\n".join(wrong), file=sys.stderr)
        return 1
    DOCUMENT.write_text(render(found))
    print(f"{DOCUMENT.relative_to(ROOT)}: {len(threats())} threats")
    return 0


if __name__ == "__main__":
    sys.exit(main())
