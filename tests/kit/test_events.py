"""What is told of a hand-shake: every step once, in order, and nothing secret."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from simple_sso.sso_server.models import Consumer

from sso_kit import events
from sso_kit.errors import HandShakeError
from sso_kit.events import Step, step_taken, tell
from sso_kit.server.issuer import issuer
from tests.kit.consumers import policy_of
from tests.kit.journeys import APP, FINISH, Browser, InProcess, cookies_of, parameter
from tests.kit.urls import PRIVATE_KEY

pytestmark = pytest.mark.django_db
SHOWN = 10  # characters of a challenge: the hand-shake's id in every log
Told = list[tuple[Step, dict[str, Any]]]


@pytest.fixture
def told() -> Iterator[Told]:
    """All steps that are taken, with their facts."""
    heard: Told = []

    def hear(step: Step, facts: dict[str, Any], **_: object) -> None:
        heard.append((step, facts))

    step_taken.connect(hear)
    yield heard
    step_taken.disconnect(hear)


def somebody_elses_link(browser: Browser, app: Consumer) -> None:
    Browser().get(browser.walk_until(f"{APP}/in/", FINISH))


def the_same_link_twice(browser: Browser, app: Consumer) -> None:
    finish = browser.walk_until(f"{APP}/in/", FINISH)
    browser.get(finish)
    browser.get(finish)
    browser.get(next(url for url in browser.visited if "/authorize/" in url))


def a_mixed_up_link(browser: Browser, app: Consumer) -> None:
    first = browser.walk_until(f"{APP}/in/?tab=1", FINISH)
    second = browser.walk_until(f"{APP}/in/?tab=2", FINISH)
    state, token = parameter(first, "state"), parameter(second, "access_token")
    browser.get(f"{APP}{FINISH}?state={state}&access_token={token}")


def a_damaged_link(browser: Browser, app: Consumer) -> None:
    browser.get(browser.walk_until(f"{APP}/in/", FINISH)[:-3] + "abc")
    browser.get(browser.walk_until(f"{APP}/in/", "/server/authorize/") + "abc")


def a_forbidden_app(browser: Browser, app: Consumer) -> None:
    policy_of(app).set_required_groups([])
    policy = policy_of(app)
    policy.restricted = True
    policy.save()
    browser.get(f"{APP}/in/")


def an_address_that_is_not_registered(browser: Browser, app: Consumer) -> None:
    policy = policy_of(app)
    policy.origins = ["http://elsewhere.test"]
    policy.save()
    browser.get(f"{APP}/in/")


def a_key_that_is_not_the_servers(browser: Browser, app: Consumer) -> None:
    finish = browser.walk_until(f"{APP}/in/", FINISH)
    Consumer.objects.update(private_key="another-private-key-" * 3)
    browser.get(finish)
    browser.get(f"{APP}/in/")


REFUSALS: list[Callable[[Browser, Consumer], None]] = [
    somebody_elses_link,
    the_same_link_twice,
    a_mixed_up_link,
    a_damaged_link,
    a_forbidden_app,
    an_address_that_is_not_registered,
    a_key_that_is_not_the_servers,
]
STEPS = [
    Step.BEGUN,
    Step.REQUEST_TOKEN_ISSUED,
    Step.ANSWERED,
    Step.ACCESS_TOKEN_ISSUED,
    Step.PERSON_VERIFIED,
    Step.ANSWERED,
    Step.SIGNED_IN,
]
ONCE = {Step.ACCOUNT_MADE, Step.SERVER_KNOWN}  # at a first log-in, besides
REFUSED = {Step.REFUSED, Step.AUTHORIZE_REFUSED, Step.QUESTION_REFUSED}


def everything_secret(browser: Browser, back_channel: InProcess) -> set[str]:
    """What looks random in all that went by: addresses, cookies, questions and answers."""
    texts = [PRIVATE_KEY, *browser.visited]
    texts += [body for _, asked, answered in back_channel.seen for body in (asked, answered)]
    for jar in browser.jars.values():
        texts += [morsel.value for morsel in jar.cookies.values()]
    text = unquote(" ".join(texts)).replace(issuer(), "")  # that is for everybody to know
    return set(re.findall(r"[\w-]{20,}", text))


def leaked(secrets: set[str], facts: dict[str, Any]) -> list[tuple[str, str]]:
    """Facts with a piece of a secret that is longer than what may be shown of a challenge."""
    pieces = {
        secret[start : start + SHOWN + 1]
        for secret in secrets
        for start in range(len(secret) - SHOWN)
    }
    return [(name, piece) for name, fact in facts.items() for piece in pieces if piece in str(fact)]


def test_each_step_of_a_hand_shake_is_told_once(
    alices: Browser, app: Consumer, back_channel: InProcess, told: Told
) -> None:
    assert alices.get(f"{APP}/in/").status_code == 200

    steps = [step for step, _ in told if step not in ONCE]
    assert sorted(steps, key=STEPS.index) == sorted(STEPS, key=STEPS.index)
    references = {facts["handshake"] for step, facts in told if step not in ONCE}
    assert len(references) == 1
    assert len(references.pop()) == SHOWN


def test_the_steps_are_told_in_their_order(
    alices: Browser, app: Consumer, back_channel: InProcess, told: Told
) -> None:
    alices.get(f"{APP}/in/")

    assert [step for step, _ in told if step not in ONCE] == STEPS


def test_what_went_by_is_recognised_as_secret(
    alices: Browser, app: Consumer, back_channel: InProcess
) -> None:
    """Otherwise the tests below would find nothing, whatever is told."""
    alices.get(f"{APP}/in/")
    found = everything_secret(alices, back_channel)
    (cookie,) = cookies_of(alices).values()
    state = next(parameter(url, "state") for url in alices.visited if FINISH in url)

    for secret in (PRIVATE_KEY, cookie, state, alices.at("app.test").cookies["sessionid"].value):
        assert leaked(found, {"fact": secret})
    challenge = state.partition(".")[0]
    assert leaked(found, {"fact": challenge[: SHOWN + 1]})
    assert not leaked(found, {"fact": challenge[:SHOWN]})
    questions = [asked for path, asked, _ in back_channel.seen if path == "verify/"]
    assert all(leaked(found, {"fact": question}) for question in questions)


def test_no_fact_of_a_hand_shake_is_secret(
    alices: Browser, app: Consumer, back_channel: InProcess, told: Told
) -> None:
    alices.get(f"{APP}/in/")
    secrets = everything_secret(alices, back_channel)

    assert told
    assert [(step, leaked(secrets, facts)) for step, facts in told if leaked(secrets, facts)] == []


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.__name__)
def test_no_fact_of_a_refusal_is_secret(
    alices: Browser,
    app: Consumer,
    back_channel: InProcess,
    told: Told,
    refusal: Callable[[Browser, Consumer], None],
) -> None:
    refusal(alices, app)
    secrets = everything_secret(alices, back_channel)

    assert REFUSED & {step for step, _ in told}
    assert [(step, leaked(secrets, facts)) for step, facts in told if leaked(secrets, facts)] == []


def test_a_receiver_that_fails_disturbs_nobody(
    alices: Browser, app: Consumer, back_channel: InProcess
) -> None:
    heard: list[Step] = []

    def fail(**_: object) -> None:
        raise RuntimeError("a receiver's own trouble")

    def hear(step: Step, **_: object) -> None:
        heard.append(step)

    step_taken.connect(fail)
    step_taken.connect(hear)
    try:
        page = alices.get(f"{APP}/in/")
    finally:
        step_taken.disconnect(fail)
        step_taken.disconnect(hear)

    assert page.content.decode() == "only for sso.alice"
    assert heard[-1] is Step.SIGNED_IN


def test_a_fact_that_nobody_named_is_refused(told: Told) -> None:
    with pytest.raises(TypeError, match="access_token"):
        events.tell(Step.SIGNED_IN, user="alice", access_token="secret")

    assert told == []


def test_a_refusal_has_its_own_level(told: Told, caplog: pytest.LogCaptureFixture) -> None:
    class Trifle(HandShakeError):
        code = "trifle"
        level = logging.INFO

    caplog.set_level("INFO", "sso_kit")
    for refusal in (Trifle("Nothing much."), HandShakeError("Something.")):
        tell(Step.REFUSED, refusal, handshake="abc")

    assert [record.levelname for record in caplog.records] == ["INFO", "WARNING"]
    assert told[0] == (
        Step.REFUSED,
        {"code": "trifle", "reason": "Nothing much.", "handshake": "abc"},
    )
