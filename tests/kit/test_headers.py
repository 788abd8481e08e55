"""The headers of every answer of a hand-shake, whether it goes on or ends here."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from simple_sso.sso_server.models import Consumer

from sso_kit.responses import protect
from tests.kit.consumers import question
from tests.kit.journeys import APP, FINISH, Browser
from tests.kit.urls import PUBLIC_KEY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("app", "back_channel")]
EXACTLY = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "strict-origin",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
}


def is_protected(answer: Any) -> bool:
    policy = answer.headers.get("Content-Security-Policy", "")
    assert {name: answer.headers.get(name) for name in EXACTLY} == EXACTLY
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert re.match(r"default-src '(self|none)';", policy)
    assert not re.search(r"script-src (?!'self'|'none')", policy)
    return True


def test_every_step_of_a_log_in(alices: Browser) -> None:
    finish = alices.walk_until(f"{APP}/in/", FINISH)

    steps = [
        Browser().get(f"{APP}/in/", follow=False),  # to the server, with a request token
        Browser().get(f"{APP}/sso/", follow=False),
        alices.get(finish, follow=False),  # signed in
    ]

    assert all(step.status_code == 302 and is_protected(step) for step in steps)


def test_the_redirect_with_the_access_token(app: Consumer, alices: Browser) -> None:
    answer = alices.at("sso.test").get("/server/authorize/", {"token": question(app).sign()})

    assert "access_token=" in answer["Location"]
    assert is_protected(answer)


@pytest.mark.parametrize(
    ("host", "url"),
    [("sso.test", "/server/authorize/?token=x"), ("app.test", f"{FINISH}?access_token=x")],
)
def test_every_refusal_in_the_browser(host: str, url: str) -> None:
    answer = Client(headers={"host": host}).get(url)

    assert answer.status_code == 400
    assert is_protected(answer)


@pytest.mark.parametrize("path", ["request-token", "verify"])
@pytest.mark.parametrize("method", ["post", "get"])
def test_every_answer_of_the_back_channel(path: str, method: str) -> None:
    asker = Client(headers={"host": "sso.test", "x-services-public-key": PUBLIC_KEY})

    assert is_protected(getattr(asker, method)(f"/server/{path}/"))


def test_what_a_view_has_set_itself_stays() -> None:
    response = HttpResponse(headers={"Cache-Control": "max-age=60"})

    protect(response)

    assert response["Cache-Control"] == "max-age=60"
