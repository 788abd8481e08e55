"""What is told of a message keeps its shape and nothing that could be used."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import example, given
from hypothesis import strategies as st

from sso_kit.keys import Key, new_nonce, random_token
from sso_kit.shown import (
    BEGINNING,
    DEEPEST,
    FIELD,
    MOST_ITEMS,
    MOST_TEXT,
    NEVER,
    SHORTEST,
    short,
    shown,
)

RUN = re.compile(r"[\w-]{16,}")
TOKEN = "AqePXhJn8g1kLrgH5XRExZy-91TB_aCeT3"
# Long words among short ones: what is drawn letter by letter hardly ever has any.
WORDS = st.from_regex(r"[0-9A-Za-z_-]{14,40}", fullmatch=True) | st.text(max_size=20)
TEXTS = st.text() | st.lists(WORDS, max_size=60).map("".join) | st.lists(WORDS).map(" ".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)


def texts(value: Any) -> Iterator[str]:
    """All that are in a value, names of fields included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from texts(name)
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)


def nested(levels: int) -> Any:
    return {"a": nested(levels - 1)} if levels else "the innermost"


# --- its shape ---


def test_what_is_short_is_shown_as_it_is() -> None:
    message = {
        "redirect_to": "http://app.test/in/?page=2",
        "passive": False,
        "max_age": None,
        "used": 12,
        "left": 1.5,
        "groups": ["agents", "été"],
        "user": {"name": "Alice", "extra": {}},
    }

    assert shown(message) == message


@pytest.mark.parametrize("value", [None, True, False, 0, -1, 1.5, "", [], {}])
def test_a_value_alone_is_one_of_its_kind(value: object) -> None:
    assert shown(value) == value
    assert type(shown(value)) is type(value)


def test_a_tuple_is_a_list_and_any_mapping_an_object() -> None:
    assert shown((1, "two")) == [1, "two"]
    assert shown(QueryDict("next=/in/&page=2")) == {"next": "/in/", "page": "2"}


def test_what_is_of_no_kind_of_jsons_is_its_text() -> None:
    assert shown({"key": Key("a key"), 1: {"set"}}) == {"key": "a key", "1": "{'set'}"}


@given(JSON)
@example([float("nan"), float("inf"), 2**64, "\ud800", "\x00"])
@example({"\ud800": "\ud800" * 20})
def test_whatever_is_shown_can_be_written_down(value: Any) -> None:
    assert json.dumps(shown(value)).isascii()


# --- its size ---


@pytest.mark.parametrize("wrap", [lambda inner: {"a": inner}, lambda inner: [inner]])
def test_what_is_deeper_than_four_levels_is_left_out(wrap: Any) -> None:
    deep: Any = "the innermost"
    for _ in range(DEEPEST):
        deep = wrap(deep)
    expected: Any = "…"
    for _ in range(DEEPEST):
        expected = wrap(expected)

    assert shown(deep) == deep
    assert shown(wrap(deep)) == expected
    assert shown(wrap(wrap(deep))) == expected


def test_four_levels_of_a_message_are_shown() -> None:
    assert DEEPEST == 4
    assert shown(nested(4)) == nested(4)
    assert shown(nested(5)) == {"a": {"a": {"a": {"a": "…"}}}}


def test_what_never_ends_is_shown_all_the_same() -> None:
    endless: list[Any] = []
    endless.append(endless)

    assert shown(endless) == [[[["…"]]]]


def test_of_many_items_the_first_forty_are_shown() -> None:
    assert MOST_ITEMS == 40
    assert shown(list(range(100))) == list(range(40))
    assert shown({f"field {number}": number for number in range(100)}) == {
        f"field {number}": number for number in range(40)
    }


@pytest.mark.parametrize("length", [MOST_TEXT - 1, MOST_TEXT, MOST_TEXT + 1, 5000])
def test_a_text_has_three_hundred_characters_at_most(length: int) -> None:
    text = ("a word " * 1000)[:length]
    said = short(text)

    assert MOST_TEXT == 300
    assert said.removesuffix("…") == text[:300]
    assert said.endswith("…") is (length > 300)


@given(TEXTS)
@example(f"{'x' * 1190} {TOKEN}")
@example("x " * 5000)
def test_whatever_the_text_it_is_no_longer_than_that(text: str) -> None:
    assert len(short(text)) <= MOST_TEXT + len("…")


@given(JSON)
def test_whatever_the_message_it_stays_small(value: Any) -> None:
    assert all(len(text) <= MOST_TEXT + len("…") for text in texts(shown(value)))


# --- nothing of use ---


@pytest.mark.parametrize("length", [1, SHORTEST - 1, SHORTEST, 22, 43, 4096])
def test_a_word_of_sixteen_characters_shows_the_first_six(length: int) -> None:
    word = (TOKEN * 200)[:length]

    assert (SHORTEST, BEGINNING) == (16, 6)
    assert short(word) == (word if length < 16 else f"{word[:6]}…")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"/in/?token={TOKEN}&page=2", "/in/?token=AqePXh…&page=2"),
        (f"{TOKEN}.{TOKEN}", "AqePXh….AqePXh…"),
        (f"Bearer {TOKEN}\n{TOKEN}", "Bearer AqePXh…\nAqePXh…"),
        (f"urn:uuid:{'0123abcd-' * 4}", "urn:uuid:0123ab…"),
        ("a long sentence of short words only, as people write", None),
        ("été" * 6, "étéété…"),
        ("\u202e" * 16, "\u202e" * 6 + "…"),
    ],
)
def test_a_long_word_is_cut_wherever_it_stands(text: str, said: str | None) -> None:
    assert short(text) == (said or text)


@pytest.mark.parametrize("make", [new_nonce, random_token])
def test_what_the_kit_itself_makes_is_cut(make: Any) -> None:
    """For what begins each of its tokens, whatever characters chance has put into it."""
    for _ in range(200):
        token = make()
        assert short(token) == f"{token[:6]}…"


def test_a_name_of_a_field_is_cut_too() -> None:
    assert shown({TOKEN: 1}) == {"AqePXh…": 1}


def test_a_private_key_is_cut_though_it_is_no_plain_text() -> None:
    assert shown([Key(TOKEN)]) == ["AqePXh…"]


@pytest.mark.parametrize("name", sorted(NEVER))
def test_some_fields_are_never_shown_however_short(name: str) -> None:
    assert shown({name: "hunter2"}) == {name: "(7 characters, never shown)"}
    for other in (["hunter2"], {"a": "hunter2"}, 123456, True, Key("hunter2")):
        assert shown({"form": [{name: other}]}) == {"form": [{name: "(never shown)"}]}


def test_a_fields_name_is_shown_whole_where_it_is_one() -> None:
    message = {"x-services-public-key": 1, "session_expires_in": 2, "csrfmiddlewaretoken": ""}

    assert shown(message) == message


def test_a_name_that_may_be_a_token_is_cut() -> None:
    assert shown({TOKEN: 1, TOKEN.lower(): 1, "a" * 40: 1}) == {
        short(TOKEN): 1, short(TOKEN.lower()): 1, "aaaaaa…": 1
    }  # fmt: skip


def test_which_ones_those_are() -> None:
    assert {"verifier", "private_key", "password", "csrfmiddlewaretoken", "sessionid"} <= NEVER


def test_that_such_a_field_is_empty_is_shown() -> None:
    assert shown({"verifier": ""}) == {"verifier": ""}


@given(TEXTS)
@example(f"{'x' * 1190} {TOKEN}")
@example(f"{' ' * 290}{TOKEN}")
@example(f"{'é' * 15}{TOKEN}")
def test_no_run_of_sixteen_characters_survives_in_any_text(text: str) -> None:
    assert RUN.search(short(text)) is None


@given(JSON)
@example({TOKEN: [{TOKEN: TOKEN}], "verifier": TOKEN})
def test_no_run_of_sixteen_characters_survives_in_any_message(value: Any) -> None:
    """But for names of small letters, which no token is."""
    found = [text for text in texts(shown(value)) if RUN.search(text)]
    assert [text for text in found if not FIELD.fullmatch(text)] == []


@given(st.from_regex(r"[\w-]{16,80}", fullmatch=True), TEXTS, TEXTS)
def test_no_token_survives_whatever_is_around_it(token: str, before: str, after: str) -> None:
    assert token not in short(before + token + after)
    assert token not in short(f"{before}={token}&{after}")
