"""docs/api.md is what the docstrings say, and they say all that there is."""

from __future__ import annotations

import logging

import pytest

from tests.support import reference

PUBLIC = [path for paths in reference.CHAPTERS.values() for path in paths]


def test_the_page_is_what_the_docstrings_say_today() -> None:
    assert reference.PAGE.read_text() == reference.page(), "run: make reference"


def test_each_parameter_is_called_what_it_is_called(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        reference.page()

    assert [record.getMessage() for record in caplog.records] == []


@pytest.mark.parametrize("path", PUBLIC)
def test_what_a_project_may_use_has_a_docstring(path: str) -> None:
    found = reference.loaded()[path]
    assert found.docstring
    for name, member in found.members.items():
        if member.is_function and not name.startswith("_") and not member.is_alias:
            assert member.docstring or name in HOOKS_OF_DJANGO, f"{path}.{name}"


# What these are for, Django's and Python's own pages say.
HOOKS_OF_DJANGO = {
    *("get", "post", "save", "load", "format", "get_urls"),
    *("get_traceback_data", "get_traceback_html", "get_traceback_text", "save_related"),
}
