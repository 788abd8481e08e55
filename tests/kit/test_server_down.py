"""What the app shows when the server doesn't answer."""

from __future__ import annotations

from typing import Any

import pytest

from sso_kit.errors import ServerUnavailable
from tests.kit.journeys import APP, Browser, InProcess

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("app")]


@pytest.fixture
def page(back_channel: InProcess, monkeypatch: pytest.MonkeyPatch) -> Any:
    def down(*_: object, **__: object) -> str:
        raise ServerUnavailable("The identity server doesn't answer.")

    monkeypatch.setattr(back_channel, "post", down)
    return Browser().get(f"{APP}/in/?page=2")


def test_it_says_so_with_503_and_when_to_come_back(page: Any) -> None:
    assert page.status_code == 503
    assert int(page["Retry-After"]) > 0
    assert "doesn&#x27;t answer" in page.content.decode()


def test_it_has_a_link_to_try_again_that_ends_where_the_visitor_wanted(page: Any) -> None:
    link = '<a href="/sso/?next=%2Fin%2F%3Fpage%3D2">Sign in again</a>'

    assert link in page.content.decode()
