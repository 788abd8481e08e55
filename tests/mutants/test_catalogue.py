"""The lists of mutants are true to the code, and together true to docs/protocol.md.

What would make this lie: a page that isn't read to its end. Hence the first and the last of
its statements are looked for, and what is no statement is looked for as well.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutants import document
from tests.mutants.catalogue import Mutant, mutants, problems
from tests.mutants.document import Statement, naming, plain, prose, statements

MUTANTS = mutants()
PAGE = statements()
SENTENCES = sorted({sentence for mutant in MUTANTS for sentence in mutant.sentences})


def test_no_mutant_is_out_of_date() -> None:
    assert problems(MUTANTS) == []


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_mutants_sentence_stands_on_the_page_once(sentence: str) -> None:
    assert len(naming(sentence, PAGE)) == 1


@pytest.mark.parametrize("text", prose())
def test_what_is_called_prose_stands_there_once_with_a_reason_and_has_no_mutant(text: str) -> None:
    (statement,) = naming(text, PAGE)

    assert prose()[text]
    assert not {plain(sentence) for sentence in SENTENCES} & statement.names


def test_every_other_statement_has_a_mutant_that_makes_it_untrue() -> None:
    named = {plain(text) for text in [*SENTENCES, *prose()]}

    assert [statement.text for statement in PAGE if not named & statement.names] == []


def test_the_page_is_read_to_its_end_and_without_its_code() -> None:
    assert PAGE[0].text.startswith("How a person who is signed in")
    assert "WHATWG URL Standard" in PAGE[-1].text
    assert not any("sequenceDiagram" in s.text or s.text.startswith("#") for s in PAGE)


EXAMPLE = """\
# Heading

One sentence. Another, e.g. this one, over
two lines (RFC 1, 2.3).

* an item;
* one with `code.py`

| head | of |
|---|---|
| a cell. And more | **12** |

```text
code. Not A Sentence.
```
"""


def test_a_page_is_taken_apart_into_sentences_and_rows() -> None:
    assert [statement.text for statement in statements(EXAMPLE)] == [
        "One sentence.",
        "Another, e.g. this one, over two lines (RFC 1, 2.3).",
        "an item;",
        "one with `code.py`",
        "| a cell. And more | **12** |",
    ]


def test_a_row_is_named_by_a_cell_or_a_sentence_of_one() -> None:
    page = statements(EXAMPLE)

    row = Statement(
        "| a cell. And more | **12** |",
        frozenset({"a cell. And more", "a cell.", "And more", "**12**"}),
    )
    assert naming("a  cell.", page) == [row]
    assert naming("cell", page) == []


def mutant(**changes: str) -> Mutant:
    place = {"id": "m", "file": "messages/dialect.py"}
    change = {"find": "MAX_BODY_BYTES = 16", "replace": "X = 1"}
    return Mutant(**(place | change | changes), sentences=("s",), tests=("test_wire.py",))


@pytest.mark.parametrize(
    ("stale", "because"),
    [
        (mutant(file="gone.py"), "is gone"),
        (mutant(find="no such text"), "occurs 0 times"),
        (mutant(find="abstractmethod"), "times in"),
        (mutant(replace="MAX_BODY_BYTES = 16"), "changes nothing"),
        (mutant(replace="MAX BODY"), "no Python"),
    ],
)
def test_a_stale_entry_is_found(stale: Mutant, because: str) -> None:
    (problem,) = problems([stale])

    assert because in problem


def test_two_of_one_id_are_found() -> None:
    assert problems([mutant(), mutant()]) == ["m: there are two of this id"]


def test_an_entry_that_lacks_something_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "list.toml").write_text('[[mutant]]\nid = "m"\nfnid = "typo"\n')

    with pytest.raises(ValueError, match=r"list.toml, m: .*fnid"):
        mutants(tmp_path)


def test_the_page_exists() -> None:
    assert document.PAGE.is_file()
