"""What a site writes down for the desk: each step, nothing secret, at no visitor's cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.checks import run_checks
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from lab.machine import waiting
from site_common.inspection import spool, telling
from site_common.inspection.apps import refuse_outside_lab_mode
from site_common.inspection.middleware import TellTheDesk, described
from sso_kit.client import views
from sso_kit.events import Step, tell
from sso_kit.sessions import HOW
from tests.sites import environment
from tests.sites.pages import text

ID = "0123456789abcdef0123456789abcdef"
HEADERS = {"X-Request-ID": ID}
TOKEN = "Abcdefghijklmnopqrstuvwxyz0123456789"


@pytest.fixture
def written() -> Iterator[Path]:
    folder = Path(settings.INSPECTOR_FOLDER)
    telling.outbox().flush()  # of the tests before
    spool.forget(folder)
    spool.prepare(folder)
    yield spool.current(folder, spool.SITES)
    spool.forget(folder)


def records(written: Path) -> list[dict[str, Any]]:
    telling.outbox().flush()
    return [json.loads(line) for line in written.read_text().splitlines() if line]


def test_a_request_in_which_something_happens_is_written_down_once(
    stranger: Client, written: Path
) -> None:
    page = stranger.get("/notes/", headers=HEADERS)

    [record] = records(written)
    assert (record["site"], record["id"]) == ("client-a", ID)
    steps = [step["step"] for step in record["steps"]]
    assert (steps[0], steps[-1]) == ("BEGUN", "REFUSED")  # the server isn't there in this test
    assert {step["facts"]["request_id"] for step in record["steps"]} == {ID}
    assert record["request"]["status"] == page.status_code == 503
    assert record["request"]["answer_headers"]["Retry-After"] == "5"


def test_a_request_in_which_nothing_happens_is_not(alices: Client, written: Path) -> None:
    assert alices.get("/notes/", headers=HEADERS).status_code == 200

    assert records(written) == []


def test_what_happens_outside_of_a_request_is_written_down_by_itself(written: Path) -> None:
    tell(Step.ACCOUNT_MADE, user="alice")

    [record] = records(written)
    assert (record["request"], record["steps"][0]["step"]) == (None, "ACCOUNT_MADE")


def test_nothing_that_a_request_brings_is_written_whole(stranger: Client, written: Path) -> None:
    stranger.cookies["sso_handshake_abcdef_ghijkl"] = TOKEN
    stranger.get(
        f"/sso/authenticate/?state={TOKEN}.{TOKEN}&access_token={TOKEN}&x={TOKEN}",
        headers={**HEADERS, "Referer": f"http://evil.test/{TOKEN}?token={TOKEN}"},
    )

    [record] = records(written)
    assert TOKEN[:12] not in written.read_text()
    assert "sso_handshake_abcdef_ghijkl" in record["request"]["cookies"]
    assert record["request"]["query"]["access_token"] == f"{TOKEN[:6]}…"


def test_control_the_token_would_be_found(written: Path) -> None:
    written.write_text(TOKEN)

    assert TOKEN[:12] in written.read_text()


def test_an_answers_cookies_are_told_by_name_and_how_they_are_set() -> None:
    response = HttpResponse()
    response.set_cookie("kept", TOKEN, max_age=60, httponly=True, samesite="Lax")
    response.delete_cookie("gone")

    told = described(RequestFactory().get("/"), response, 1.0)

    assert TOKEN[:12] not in json.dumps(told)
    assert told["set_cookies"] == [
        {"name": "kept", "how": "Max-Age=60; HttpOnly; SameSite=Lax"},
        {"name": "gone", "how": "deleted"},
    ]


@pytest.mark.parametrize("trouble", ["the folder is gone", "what a message held can't be told"])
def test_no_trouble_with_it_is_a_visitors(
    stranger: Client, written: Path, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = stranger.get("/notes/").status_code
    if trouble == "the folder is gone":
        monkeypatch.setattr(telling.outbox().spool, "path", Path("/nowhere/at/all.jsonl"))
        monkeypatch.setattr(telling.outbox().spool, "looked", 0.0)
    else:
        monkeypatch.setattr(views, "_described", lambda *_: 1 / 0)

    assert stranger.get("/notes/").status_code == before


def test_a_page_leads_to_what_began_its_session(alices: Client) -> None:
    session = alices.session
    session[HOW] = "AbCdEf0123"
    session.save()

    page = text(alices.get("/notes/"))

    assert 'href="http://lab.localhost:8080/inspector/AbCdEf0123/"' in page
    assert "How did I get in?" in page


def test_a_stranger_has_no_such_link_and_a_refusal_leads_to_its_request(
    stranger: Client, db: None
) -> None:
    page = text(stranger.get("/sso/authenticate/", headers=HEADERS))

    assert "How did I get in?" not in page
    assert f'href="http://lab.localhost:8080/inspector/{ID}/"' in page


@pytest.mark.parametrize("odd", ["<script>", "a b c d e f g", "../../etc", "x" * 100, ""])
def test_a_name_that_is_none_leads_nowhere(stranger: Client, db: None, odd: str) -> None:
    page = text(stranger.get("/sso/authenticate/", headers={"X-Request-ID": odd}))

    assert "/inspector/" not in page


def test_outside_lab_mode_a_check_refuses_it_and_nothing_is_told(settings: Settings) -> None:
    assert not list(refuse_outside_lab_mode())
    settings.LAB_MODE = False

    assert [message.id for message in refuse_outside_lab_mode()] == ["lab.E001"]
    assert "lab.E001" in [message.id for message in run_checks()]
    assert not telling.is_on()
    with pytest.raises(MiddlewareNotUsed):
        TellTheDesk(lambda request: HttpResponse())


def test_outside_lab_mode_a_site_does_not_pass_its_checks(tmp_path: Path) -> None:
    variables = environment.variables("client_a") | {"DATA_DIR": str(tmp_path), "LAB_MODE": "0"}
    variables["DJANGO_SETTINGS_MODULE"] = "client_a.settings"
    command = [sys.executable, "-m", "client_a", "check"]

    def checked(**more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, env=os.environ | variables | more, capture_output=True, text=True
        )

    refused = checked()
    assert refused.returncode == 1
    assert "INSPECTOR_FOLDER is set outside lab mode" in refused.stderr
    assert checked(INSPECTOR_FOLDER="").returncode == 0


def test_switched_off_nothing_is_told(settings: Settings, alice: User) -> None:
    settings.INSPECTOR = False

    assert not telling.is_on()
    with pytest.raises(MiddlewareNotUsed):
        TellTheDesk(lambda request: HttpResponse())


def test_a_request_is_written_down_a_moment_later_by_itself(
    stranger: Client, written: Path
) -> None:
    stranger.get("/notes/", headers=HEADERS)

    assert waiting.until(lambda: bool(written.read_text().strip()), 5)


def test_what_cannot_be_put_into_words_loses_nothing_else(written: Path) -> None:
    box = telling.outbox()
    box.leave(lambda: {"never": 1 / 0})
    telling.leave(ID, 1.0, [("SIGNED_IN", 1.0, 20, {}, dict)], dict)

    [record] = records(written)
    assert record["id"] == ID


def test_of_too_many_the_latest_are_dropped(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "MOST_WAITING", 3)
    box = telling.Outbox(telling.outbox().spool)
    monkeypatch.setattr(box, "_begin", lambda: None)

    assert [box.leave(lambda: {"steps": []}) for _ in range(5)] == [True, True, True, False, False]
    box.flush()
    assert len(records(written)) == 3
