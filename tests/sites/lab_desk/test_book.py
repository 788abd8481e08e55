"""Which records belong together, however late they come and in what order."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from lab_desk.inspector import book as books
from lab_desk.inspector.book import Book, Story
from lab_desk.inspector.diagram import draw
from lab_desk.inspector.records import read
from sso_kit.events import Step
from tests.sites.lab_desk import told


def book_of(*lines: dict[str, Any]) -> Book:
    book = Book()
    for line in lines:
        book.add(read(json.dumps(line)))
    return book


def only_story(book: Book) -> Story:
    [story] = book.newest_first()
    return story


def test_a_hand_shake_is_one_story_with_each_request_once() -> None:
    story = only_story(book_of(*told.silent_log_in()))

    assert story.name == told.SHAKE
    assert len(story.exchanges) == 5
    assert sum(exchange.hop is not None for exchange in story.exchanges) == 3


@pytest.mark.parametrize("seed", range(30))
def test_the_order_in_which_they_come_makes_no_difference(seed: int) -> None:
    lines = told.silent_log_in()
    whole = draw(only_story(book_of(*lines)))
    random.Random(seed).shuffle(lines)

    shuffled = draw(only_story(book_of(*lines)))

    assert [(row.kind, row.source, row.target, row.line) for row in shuffled.rows] == [
        (row.kind, row.source, row.target, row.line) for row in whole.rows
    ]
    assert shuffled.verdict == whole.verdict


def test_two_at_the_same_time_stay_two() -> None:
    one, two = told.silent_log_in("One0123456"), told.silent_log_in("Two0123456", "bob")
    mixed = [line for pair in zip(one, two, strict=True) for line in pair]

    stories = book_of(*mixed).newest_first()

    assert {story.name for story in stories} == {"One0123456", "Two0123456"}
    assert {len(story.exchanges) for story in stories} == {5}


def test_it_is_found_by_each_of_its_names() -> None:
    book = book_of(*told.log_out())

    assert book.find("request-log-out") is book.find("Batch-0123456789") is not None


def test_two_that_turn_out_to_be_one_become_one() -> None:
    begun, *_ = told.silent_log_in("One0123456")
    late = told.record(
        "client-b",
        begun["id"],
        told.BEGAN,
        [told.step(Step.CUT, told.BEGAN, handshake="Two0123456")],
    )
    other = told.record(
        "server", "r-12345678", told.BEGAN,
        [told.step(Step.LOG_IN_NEEDED, told.BEGAN, handshake="Two0123456")],
    )  # fmt: skip

    book = book_of(begun, other, late)

    assert len(book.newest_first()) == 1
    assert book.find("One0123456") is book.find("Two0123456") is book.find("r-12345678")


def test_a_hop_of_a_page_in_which_nothing_happened_is_no_story() -> None:
    assert book_of(told.hop("page-1234", "app-a.localhost", "/notes/", 200, 1.0)).stories == {}


def test_what_nginx_refuses_at_a_hand_shakes_address_is_one() -> None:
    refused = told.hop("page-1234", "sso.localhost", "/sso/verify/", 413, 1.0, upstream_status="")

    assert only_story(book_of(refused)).name == "page-1234"


def test_a_hop_that_comes_twice_counts_once() -> None:
    lines = told.silent_log_in()

    assert len(only_story(book_of(*lines, *lines[-3:])).exchanges) == 5


def test_a_hop_of_no_site_is_left_out() -> None:
    assert book_of(told.hop("page-1234", "evil.example", "/sso/verify/", 400, 1.0)).stories == {}


def test_a_flood_into_one_story_is_counted_and_not_kept() -> None:
    flood = [
        told.record("client-b", f"request-{number}", told.BEGAN,
                    [told.step(Step.REFUSED, told.BEGAN, handshake="Flood01234")],
                    told.request("GET", "/sso/authenticate/", 403))
        for number in range(books.MOST_EXCHANGES + 500)
    ]  # fmt: skip

    story = only_story(book_of(*flood))

    assert (len(story.exchanges), story.more) == (books.MOST_EXCHANGES, 500)


def test_there_are_never_more_stories_than_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "MOST_STORIES", 10)
    lines = [
        told.record("server", f"request-{number:04}", told.BEGAN + number,
                    [told.step(Step.LOGGED_IN, told.BEGAN + number)])
        for number in range(40)
    ]  # fmt: skip
    book = book_of(*lines)

    book.forget(before=0)

    assert [story.name for story in book.newest_first()] == [
        f"request-{number:04}" for number in range(39, 29, -1)
    ]
    assert book.find("request-0001") is None


def test_what_is_too_old_is_forgotten() -> None:
    old, new = told.log_out("Old-0123456789", 1000.0), told.silent_log_in()
    book = book_of(*old, *new)

    book.forget(before=2000.0)

    assert [story.name for story in book.newest_first()] == [told.SHAKE]


def test_what_has_no_name_is_a_story_of_its_own() -> None:
    rotated = [told.step(Step.KEY_ROTATED, 5.0, consumer="Notes", key="0123456789ab")]

    book = book_of(told.record("server", "", 5.0, rotated), told.record("server", "", 6.0, rotated))

    assert len(book.stories) == 2
