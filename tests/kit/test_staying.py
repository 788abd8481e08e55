"""``{% staying %}``: what a page knows of how long somebody stays."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.template import Context, Engine
from django.test import RequestFactory

pytestmark = pytest.mark.django_db
PAGE = Engine(
    app_dirs=True,
    libraries={
        "staying": "sso_kit.contrib.staying.templatetags.staying",
        "static": "django.templatetags.static",
    },
    dirs=["sso_kit/contrib/staying/templates"],
)


@pytest.fixture(autouse=True)
def with_static_files(settings: Any) -> None:
    settings.STATIC_URL = "/static/"


def shown(user: Any, token: str = "the-token") -> str:
    request = RequestFactory().get("/")
    request.user = user
    template = PAGE.from_string("{% load staying %}{% staying %}")
    return template.render(Context({"request": request, "csrf_token": token}))


def mark(page: str) -> str:
    found = re.search(r'data-person="(\w+)"', page)
    assert found
    return found[1]


def test_a_visitor_gets_nothing() -> None:
    assert shown(AnonymousUser()).strip() == ""


def test_somebody_gets_the_dialog_and_a_script_that_is_a_file() -> None:
    page = shown(User.objects.create_user("alice"))

    assert 'data-ask-at="/sso/time-left/"' in page
    assert 'data-log-in-at="/sso/"' in page
    assert 'value="the-token"' in page
    assert re.findall(r"<script[^>]*>", page) == ['<script src="/static/sso_kit/staying.js" defer>']
    assert not re.search(r"\son\w+=|style=", page)


def test_two_people_have_two_marks_that_say_nothing_of_them() -> None:
    alice, bob = User.objects.create_user("alice"), User.objects.create_user("bob")

    assert mark(shown(alice)) == mark(shown(alice)) != mark(shown(bob))
    assert "alice" not in shown(alice)


def test_each_page_has_its_own_token_and_what_is_in_it_is_escaped() -> None:
    alice = User.objects.create_user("alice")

    assert 'value="one"' in shown(alice, "one")
    assert 'value="two"' in shown(alice, "two")
    assert 'value="&quot;&gt;"' in shown(alice, '">')


def test_a_page_without_a_request_gets_nothing() -> None:
    assert PAGE.from_string("{% load staying %}{% staying %}").render(Context()).strip() == ""
