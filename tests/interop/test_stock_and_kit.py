"""One side at a time: stock's classes and ours, as real processes, talk to each other.

Control: ``test_the_stock_environment_is_what_it_says`` keeps these tests from passing
because both sides have the same itsdangerous, or both the kit.
"""

from __future__ import annotations

import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.interop import stock
from tests.interop.conftest import Start, client_log, server_log, sign_in, user_of
from tests.support.browser import Browser, Hop

ASK = """
import itsdangerous, simple_sso, sys
made = itsdangerous.TimedSerializer("k").dumps({})
print(simple_sso.__version__, itsdangerous.__file__, type(made).__name__)
"""


def test_the_stock_environment_is_what_it_says() -> None:
    asked = subprocess.run(
        [stock.python("0.24"), "-c", ASK], capture_output=True, text=True, check=True
    )

    assert asked.stdout.startswith("1.3.0 ")
    assert "itsdangerous.py" in asked.stdout  # one module in 0.24, a package since 1.0
    assert stock.python("2.2") == sys.executable


def test_stock_with_stock_works_on_every_python_the_kit_supports(
    start: Start, stock_python: str
) -> None:
    twins = start(flavour="stock", server_python=stock_python, client_python=stock_python)

    assert user_of(sign_in(twins)) == "user1"


def test_ours_with_ours_works_on_both(start: Start, kit_python: str) -> None:
    twins = start(flavour="kit", server_python=kit_python, client_python=kit_python)

    assert user_of(sign_in(twins)) == "user1"


def test_a_stock_client_at_our_server_if_marked_legacy(
    start: Start, stock_python: str, kit_python: str
) -> None:
    twins = start(
        flavour="kit",
        server_environment={"LEGACY": "1", "LOG_LEVEL": "INFO"},
        server_python=kit_python,
        client_flavour="stock",
        client_python=stock_python,
    )

    page = sign_in(twins)

    assert user_of(page) == "user1"
    assert page.url.endswith("/in/?page=2")
    assert server_log(twins).count("legacy message taken: HMAC-SHA1") == 2


def test_a_second_person_gets_their_own_account_there(start: Start, stock_python: str) -> None:
    twins = start(
        flavour="kit",
        server_environment={"LEGACY": "1"},
        client_flavour="stock",
        client_python=stock_python,
    )

    assert [user_of(sign_in(twins, name)) for name in ("user1", "user2")] == ["user1", "user2"]


def test_a_stock_client_not_marked_is_refused_with_a_reason_and_a_log_line(
    start: Start, stock_python: str
) -> None:
    twins = start(
        flavour="kit",
        server_environment={"LOG_LEVEL": "INFO"},
        client_flavour="stock",
        client_environment={"DEBUG": "1"},
        client_python=stock_python,
    )

    page = sign_in(twins)

    assert page.status == 500  # stock knows no better; the reason is in what it raises
    assert "signature doesn&#x27;t fit" in page.body
    assert '"event": "back channel refused"' in server_log(twins)
    assert "The message's signature doesn't fit" in server_log(twins)
    assert "sso_consumer twin --legacy" in server_log(twins)


def test_our_client_at_a_stock_server_if_told_so(
    start: Start, stock_python: str, kit_python: str
) -> None:
    """A message that counts from 1970 is fresh for 0.24 too; one from 2011 is stale for 2.2."""
    twins = start(
        flavour="stock",
        server_python=stock_python,
        client_flavour="kit",
        client_environment={"LEGACY": "1"},
        client_python=kit_python,
    )

    page = sign_in(twins)

    assert user_of(page) == "user1"
    assert page.url.endswith("/in/?page=2")


def test_silently_too_and_still_bound_to_the_browser(start: Start, stock_python: str) -> None:
    twins = start(
        flavour="stock",
        server_python=stock_python,
        client_flavour="kit",
        client_environment={"LEGACY": "1"},
    )
    alices, victims = Browser(), Browser()
    sign_in(twins, browser=alices)
    finish = next(
        hop.url for hop in sign_in_again(twins.client, alices) if "/authenticate/" in hop.url
    )

    page = victims.get(finish)

    assert page.status == 403
    assert victims.cookie("app-a.localhost", "client_session") is None


def sign_in_again(client: str, browser: Browser) -> tuple[Hop, ...]:
    return browser.get(f"{client}/sso/?next=/in/").hops


def test_our_client_not_told_so_is_refused_by_a_stock_server(
    start: Start, stock_python: str
) -> None:
    twins = start(
        flavour="stock",
        server_python=stock_python,
        client_flavour="kit",
        client_environment={"LOG_LEVEL": "INFO"},
    )

    page = sign_in(twins)

    assert page.status == 400
    assert "Bad Signature" in page.body
    assert '"event": "back channel refused"' in client_log(twins)
    assert "Client(..., legacy_server=True) meanwhile" in client_log(twins)


def test_our_client_is_refused_nothing_at_a_server_that_still_has_it_marked(start: Start) -> None:
    twins = start(flavour="kit", server_environment={"LEGACY": "1", "LOG_LEVEL": "INFO"})

    page = sign_in(twins)

    assert user_of(page) == "user1"
    assert "legacy message taken" not in server_log(twins)


def test_our_legacy_client_is_refused_by_our_server_that_was_migrated(start: Start) -> None:
    """Never silently weaker: the opt-in has to be taken back on both sides."""
    twins = start(flavour="kit", client_environment={"LEGACY": "1"})

    page = sign_in(twins)

    assert page.status == 400
    assert "signature" in page.body


@pytest.mark.parametrize("origin_of_the_client", ["registered", "another"])
def test_a_marked_stock_client_is_still_held_to_its_origins(
    start: Start, origin_of_the_client: str
) -> None:
    twins = start(
        flavour="kit",
        server_environment={"LEGACY": "1"},
        client_flavour="stock",
        client_environment={"DEBUG": "1"},
    )
    host = {} if origin_of_the_client == "registered" else {"Host": "evil.localhost"}

    page = Browser().get(f"{twins.client}/sso/", follow=False, headers=host)

    if origin_of_the_client == "registered":
        assert parse_qs(urlsplit(page.location).query)["token"]
    else:
        assert page.status == 500
        assert "is not registered for twin" in page.body
