"""``docs/protocol.md`` says what the code does: every constant on it is looked up here."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from simple_sso.utils import PUBLIC_KEY_HEADER

from lab.table import ROOT
from sso_kit import at_hand, conf
from sso_kit.back_channel import channel as transport
from sso_kit.back_channel.gate import Budget
from sso_kit.client import handshake, redirects, views
from sso_kit.errors import REFUSALS, HandShakeError
from sso_kit.keys import challenge_of, random_token
from sso_kit.messages import HARDENED, Purpose, dialect
from sso_kit.server import grants, log_ins, records, request_tokens, telling

PAGE = (ROOT / "docs" / "protocol.md").read_text()
TEXT = re.sub(r"\s+", " ", PAGE)
BUDGET = Budget()
CHECK, GRACE, TELL = (conf.KNOWN[f"{name}_SECONDS"].default for name in ("CHECK", "GRACE", "TELL"))
LIFE = handshake.LIFETIME_SECONDS
SHORTEST, LONGEST = re.findall(r"\d+", at_hand.NAME.pattern.partition("{")[2])


def seconds(time: timedelta) -> int:
    return int(time.total_seconds())


SAID = {
    "freshness": f"at most **{dialect.FRESH_SECONDS} seconds** away from the reader's clock",
    "body": f"Body, at most **{dialect.MAX_BODY_BYTES} bytes**",
    "redirect_to": f"at most **{HARDENED.longest_redirect} characters**",
    "challenge": f"base64url(SHA-256(verifier)), {len(challenge_of('v'))} characters",
    "request token's life": f"It lives for **{seconds(request_tokens.LIFETIME)} seconds**",
    "request token's length": f"over {log_ins.MAX_TOKEN_LENGTH} characters",
    "access token's life": f"older than **{seconds(grants.LIFETIME)} seconds**",
    "access token's length": f"over {views.MAX_TOKEN_LENGTH} characters",
    "cookie": f"`{handshake.COOKIE_PREFIX}`, then six characters for the app and six",
    "cookie's life": f"lives for **{LIFE} seconds** after the last",
    "state's life": f"It is taken for **{LIFE} seconds**",
    "secrets": f"of more than **{handshake.MOST_SECRETS}** the others are dropped",
    "finished": f"the cookie remembers the last **{handshake.MOST_FINISHED}**",
    "next": f"of at most **{redirects.MAX_LENGTH} characters**, or the front page",
    "checked": f"the cookie `{handshake.CHECKED_PREFIX}` (with six characters for the app, and "
    f"the same attributes) keeps it from asking again for **{handshake.CHECKED_SECONDS} seconds**",
    "signed in": f"The cookie `{handshake.SIGNED_IN_PREFIX}` (again with six characters",
    "too much": f"the answer would have over {dialect.MAX_BODY_BYTES} bytes",
    "refusal": f"its header `{dialect.REFUSAL_HEADER}`",
    "signed out": f"(after signing out: {handshake.SIGNED_OUT_SECONDS // 3600} hours)",
    "header": f"Header `{PUBLIC_KEY_HEADER}`",
    "header of the request at hand": f"has the header `{at_hand.REQUEST_ID}` too",
    "names of requests": f"{SHORTEST} to {LONGEST} letters, digits, `_`, `.` and `-`",
    "state's salt": f"the app's `SECRET_KEY` (salt `{handshake.SALT}`)",
    "request token's salt": f"the server's `SECRET_KEY` (salt `{request_tokens.SALT}`)",
    "checks": f"an app asks every **{CHECK:.0f} seconds**",
    "grace": f"goes on for **{GRACE:.0f} seconds** more",
    "calls": f"A call takes **{TELL:.0f} second** at most",
    "pauses": f"pauses that grow to **{telling.LONGEST_PAUSE:.0f} seconds**",
    "record": f"on record for **{records.KEEP.days} days**",
    "budget": f"at most **{BUDGET.connect:.0f} second** to connect and "
    f"**{BUDGET.read:.0f} seconds** for the whole answer; "
    f"after an outage (no answer in time, {', '.join(map(str, transport.OUTAGES))}) nobody asks "
    f"again for **{BUDGET.rest:.0f} seconds**",
}


@pytest.mark.parametrize("what", SAID)
def test_the_page_says_what_the_code_does(what: str) -> None:
    assert SAID[what] in TEXT


@pytest.mark.parametrize("purpose", Purpose)
def test_every_salt_is_in_the_table(purpose: Purpose) -> None:
    assert f"| `{purpose.value}` |" in PAGE


@pytest.mark.parametrize("salt", set(re.findall(r"`(sso-kit/3 [^`]+)`", PAGE)))
def test_every_salt_on_the_page_exists(salt: str) -> None:
    assert salt in {*Purpose, handshake.SALT, request_tokens.SALT}


@pytest.mark.parametrize("code", REFUSALS)
def test_every_code_of_a_refusal_is_named(code: str) -> None:
    assert f"`{code}`" in TEXT.partition("is a code for the app:")[2][:140]


@pytest.mark.parametrize("error", REFUSALS.values())
def test_every_error_has_the_status_that_the_page_gives(error: type[HandShakeError]) -> None:
    rows = re.findall(rf"\| (\d+) \| `{error.__name__}` \|", PAGE)

    assert rows
    assert set(rows) == {str(error.status)}


def test_the_access_token_has_as_many_bits_as_it_says() -> None:
    assert len(random_token()) == 43
    assert "The access token is 256 random bits" in TEXT


def test_the_page_tells_of_the_stock_files_it_is_about() -> None:
    for name in (
        "simple_sso/utils.py",
        "sso_server/server.py",
        "sso_client/client.py",
        "10.12",
        "7636",
        "9700",
    ):
        assert name in PAGE
