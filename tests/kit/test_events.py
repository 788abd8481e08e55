"""What is told of a hand-shake: every step once, in order, and nothing secret."""

from __future__ import annotations

import json
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client
from simple_sso.sso_server.models import Consumer

from sso_kit import events
from sso_kit.back_channel.channel import Answer
from sso_kit.client import protocol
from sso_kit.client import views as client_views
from sso_kit.errors import HandShakeError
from sso_kit.events import Step, step_taken, tell
from sso_kit.keys import fingerprint
from sso_kit.messages import HARDENED, Purpose
from sso_kit.messages.dialect import FRESH_SECONDS
from sso_kit.server import grants, providers, request_tokens
from sso_kit.server.issuer import issuer
from tests.kit import urls
from tests.kit.clock import Clock
from tests.kit.consumers import as_stock, policy_of, signed
from tests.kit.journeys import APP, FINISH, Browser, InProcess, cookies_of, parameter
from tests.kit.log_outs import Wire
from tests.kit.urls import PRIVATE_KEY, PUBLIC_KEY

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


@pytest.fixture
def held() -> Iterator[Told]:
    """All steps that are taken, with their details, as somebody would write them down."""
    heard: Told = []
    failures: list[Exception] = []  # which nobody else would hear of

    def hear(step: Step, details: events.Words, **_: object) -> None:
        try:
            heard.append((step, json.loads(json.dumps(details(), allow_nan=False))))
        except Exception as error:
            failures.append(error)

    step_taken.connect(hear)
    yield heard
    step_taken.disconnect(hear)
    assert failures == []


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


def everything_secret(browser: Browser, back_channel: InProcess, *others: str) -> set[str]:
    """What looks random in all that went by: addresses, cookies, questions and answers."""
    texts = [PRIVATE_KEY, *browser.visited, *others]
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


# --- what the messages held ---


@dataclass
class Scene:
    """Alice's browser, who is signed in at the server, and what is around it."""

    browser: Browser
    back_channel: InProcess
    clock: Clock
    wire: Wire

    def secrets(self) -> set[str]:
        calls = [body for _, body in self.wire.made]
        return everything_secret(self.browser, self.back_channel, *calls)


@pytest.fixture
def scene(
    alices: Browser, app: Consumer, back_channel: InProcess, clock: Clock, wire: Wire
) -> Scene:
    return Scene(alices, back_channel, clock, wire)


def a_hand_shake(scene: Scene) -> None:
    """To a page whose own address has a secret in it."""
    page = f"{APP}/in/?invitation=AqePXhJn8g1kLrgH5XRExZy-91TB"
    assert scene.browser.get(page).status_code == 200


def a_silent_question_about_her(scene: Scene) -> None:
    assert scene.browser.get(f"{APP}/hello/").content.decode() == "front page of sso.alice"


def a_silent_question_about_nobody(scene: Scene) -> None:
    scene.browser.at("sso.test").logout_here()
    assert scene.browser.get(f"{APP}/hello/").content.decode() == "front page of nobody"


def a_log_in_that_is_needed(scene: Scene) -> None:
    scene.browser.at("sso.test").logout_here()
    assert scene.browser.walk_until(f"{APP}/in/", "/login/")


def a_fresh_proof_that_is_wished_for(scene: Scene) -> None:
    assert scene.browser.walk_until(f"{APP}/sso/?next=/in/&prompt=login&max_age=60", "/login/")


def a_choice_that_is_wished_for(scene: Scene) -> None:
    page = scene.browser.get(f"{APP}/sso/?next=/in/&prompt=select_account")
    assert "alice" in page.content.decode()


def a_look_at_the_session(scene: Scene) -> None:
    a_hand_shake(scene)
    scene.clock.advance(61)
    assert scene.browser.get(f"{APP}/in/", follow=False).status_code == 200


def a_look_at_a_session_that_is_over(scene: Scene) -> None:
    a_hand_shake(scene)
    scene.wire.trouble = "down"
    scene.browser.at("sso.test").logout_by_form()
    scene.clock.advance(61)
    assert scene.browser.get(f"{APP}/in/", follow=False).status_code == 302


def a_log_out_at_the_server(scene: Scene) -> None:
    a_hand_shake(scene)
    scene.browser.at("sso.test").logout_by_form()
    assert scene.browser.get(f"{APP}/in/", follow=False).status_code == 302


def a_log_out_at_the_server_while_the_app_answers_nonsense(scene: Scene) -> None:
    a_hand_shake(scene)
    scene.wire.trouble = "garbage"
    scene.browser.at("sso.test").logout_by_form()


def a_log_out_everywhere_at_the_app(scene: Scene) -> None:
    a_hand_shake(scene)
    scene.browser.at("app.test").logout_by_form(everywhere="1")


SCENES: dict[Callable[[Scene], None], set[Step]] = {
    a_hand_shake: set(STEPS),
    a_silent_question_about_her: set(STEPS),
    a_silent_question_about_nobody: {Step.NOT_SIGNED_IN, Step.NOBODY_THERE},
    a_log_in_that_is_needed: {Step.LOG_IN_NEEDED},
    a_fresh_proof_that_is_wished_for: {Step.LOG_IN_NEEDED},
    a_choice_that_is_wished_for: {Step.CHOICE_NEEDED},
    a_look_at_the_session: {Step.SESSION_CHECKED, Step.ANSWERED},
    a_look_at_a_session_that_is_over: {Step.SESSION_CHECKED, Step.SESSION_OVER, Step.APP_NOT_TOLD},
    a_log_out_at_the_server: {Step.LOGGED_OUT, Step.APP_TOLD, Step.TOLD_OF_END},
    a_log_out_at_the_server_while_the_app_answers_nonsense: {Step.APP_NOT_TOLD},
    a_log_out_everywhere_at_the_app: {Step.SIGNED_OUT, Step.SIGN_IN_ENDED},
}


def leaks(secrets: set[str], held: Told) -> list[tuple[Step, list[tuple[str, str]]]]:
    found = [(step, leaked(secrets, {"details": json.dumps(details)})) for step, details in held]
    return [(step, pieces) for step, pieces in found if pieces]


def the(step: Step, held: Told) -> dict[str, Any]:
    """The details of the one time that a step was taken, or the first."""
    return next(details for taken, details in held if taken is step)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", SCENES, ids=lambda act: act.__name__)
def test_no_details_of_a_step_hold_a_secret(
    scene: Scene, held: Told, act: Callable[[Scene], None]
) -> None:
    act(scene)

    assert SCENES[act] <= {step for step, _ in held}
    assert any(details for _, details in held)
    assert leaks(scene.secrets(), held) == []


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.__name__)
def test_no_details_of_a_refusal_hold_a_secret(
    alices: Browser,
    app: Consumer,
    back_channel: InProcess,
    held: Told,
    refusal: Callable[[Browser, Consumer], None],
) -> None:
    refusal(alices, app)

    assert REFUSED & {step for step, _ in held}
    assert leaks(everything_secret(alices, back_channel), held) == []


def test_a_question_or_an_answer_as_it_is_would_be_found(scene: Scene) -> None:
    """Otherwise the tests above would find nothing, whatever the details hold."""
    a_hand_shake(scene)
    found = scene.secrets()

    for _, asked, answered in scene.back_channel.seen:
        for text in (asked, answered):
            whole = json.loads(text.rpartition(".")[0])
            assert leaks(found, [(Step.ANSWERED, {"question": text})])
            assert leaks(found, [(Step.ANSWERED, {"question": whole})])


def test_details_that_are_not_cut_would_be_found(
    scene: Scene, held: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "shown", lambda value: value)

    a_hand_shake(scene)

    assert [step for step, _ in leaks(scene.secrets(), held)] == [Step.ANSWERED, Step.ANSWERED]


class Slow(InProcess):
    """Seven seconds there, and eleven back."""

    clock: Clock

    def _send(self, path: str, body: str, *_: Any) -> Answer:
        self.clock.advance(7)
        answer = super()._send(path, body)
        self.clock.advance(11)
        return answer


@pytest.fixture
def slow(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    scene.back_channel = Slow(PUBLIC_KEY)
    scene.back_channel.clock = scene.clock
    monkeypatch.setattr(urls.client, "back_channel", scene.back_channel)
    return scene


def test_of_a_message_it_is_told_how_it_was_signed_and_how_old_it_is(
    slow: Scene, held: Told
) -> None:
    a_hand_shake(slow)

    on_its_way = {Step.REQUEST_TOKEN_ISSUED: 7, Step.PERSON_VERIFIED: 7, Step.ANSWERED: 11}
    for step, seconds in on_its_way.items():
        for details in [details for taken, details in held if taken is step]:
            assert details["signature"] == "verified"
            assert (details["dialect"], details["algorithm"]) == (HARDENED.name, "HMAC-SHA256")
            assert details["key"] == fingerprint(PRIVATE_KEY)
            assert details["limit_s"] == FRESH_SECONDS
            assert seconds <= details["age_s"] < seconds + 2  # it is written in whole seconds


def test_of_a_token_it_is_told_how_old_it_is_and_how_old_it_may_be(slow: Scene, held: Told) -> None:
    a_hand_shake(slow)

    made = the(Step.REQUEST_TOKEN_ISSUED, held)["token"]
    used = the(Step.ACCESS_TOKEN_ISSUED, held)["token"]
    spent = the(Step.PERSON_VERIFIED, held)["token"]
    life = request_tokens.LIFETIME.total_seconds()
    assert (made["kind"], made["limit_s"], used["limit_s"]) == ("request token", life, life)
    assert 0 <= made["age_s"] < 1
    assert 11 <= used["age_s"] < 12
    assert (spent["kind"], spent["limit_s"]) == ("access token", grants.LIFETIME.total_seconds())
    assert 7 <= spent["age_s"] < 8
    issued = the(Step.ACCESS_TOKEN_ISSUED, held)
    assert (issued["signature"], issued["key"]) == ("verified", fingerprint(PRIVATE_KEY))


def test_of_a_question_each_field_is_told_and_of_its_answer(scene: Scene, held: Told) -> None:
    a_hand_shake(scene)

    asked, answered = (details for step, details in held if step is Step.ANSWERED)
    assert (asked["method"], asked["path"]) == ("POST", "/server/request-token/")
    assert {"redirect_to", "challenge", "passive", "nonce", "iat"} == asked["question"].keys()
    assert asked["question"]["redirect_to"].startswith(f"{APP}{FINISH}?state=")
    assert answered["path"] == "/server/verify/"
    assert answered["question"]["verifier"] == "(43 characters, never shown)"
    assert answered["answer"]["user"]["username"] == "sso.alice"
    seen = [(len(asked), len(answered)) for _, asked, answered in scene.back_channel.seen]
    assert seen == [(each["bytes_sent"], each["bytes_received"]) for each in (asked, answered)]


@pytest.mark.django_db(transaction=True)
def test_of_a_log_out_call_both_sides_tell_how_it_was_signed(scene: Scene, held: Told) -> None:
    a_log_out_at_the_server(scene)

    for step in (Step.APP_TOLD, Step.TOLD_OF_END):
        details = the(step, held)
        assert details["signature"] == "verified"
        assert details["algorithm"] == "HMAC-SHA256"
        assert details["key"] == fingerprint(PRIVATE_KEY)
        assert details["question"]["cause"] == "log-out"
    assert the(Step.APP_TOLD, held)["status"] == 200
    assert the(Step.TOLD_OF_END, held)["limit_s"] == FRESH_SECONDS


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("trouble", "status", "signature"),
    [("garbage", 200, "not verified"), ("500", 500, None), ("down", None, None)],
)
def test_of_a_log_out_call_that_failed_no_answer_is_told(
    scene: Scene, held: Told, trouble: str, status: int | None, signature: str | None
) -> None:
    a_hand_shake(scene)
    scene.wire.trouble = trouble
    scene.browser.at("sso.test").logout_by_form()

    details = the(Step.APP_NOT_TOLD, held)
    assert (details.get("status"), details.get("signature")) == (status, signature)
    assert details["question"]["event"] == "session-ended"
    assert "answer" not in details


def ask(body: str | bytes) -> Any:
    return Client(headers={"host": "sso.test", "x-services-public-key": PUBLIC_KEY}).post(
        "/server/verify/", body, content_type="application/json"
    )


def test_a_forged_question_is_told_as_what_it_is(app: Consumer, held: Told) -> None:
    said = {"access_token": "t" * 43, "verifier": "v" * 43, "groups": ["agents"], "nonce": "n" * 22}
    body = signed("somebody-elses-key-" * 3, Purpose.VERIFY_ASK, said)

    assert ask(body).status_code == 400

    assert held == [
        (
            Step.QUESTION_REFUSED,
            {
                "signature": "not verified",
                "question": {
                    "access_token": "tttttt…",
                    "verifier": "(43 characters, never shown)",
                    "groups": ["agents"],
                    "nonce": "nnnnnn…",
                },
                "bytes_received": len(body),
            },
        )
    ]


DEEP = b'{"deep": ' * 9 + b"1" + b"}" * 9
WHATEVER: dict[str, tuple[bytes, object]] = {
    "nothing": (b"", None),
    "no JSON": (b"no JSON at all", None),
    "no ASCII": (b"\xff\xfe.\x00", None),
    "a pit": (b"[" * 8000 + b"]" * 8000, None),
    "a number of no end": (b"9" * 5000, None),
    "unsigned": (b'{"unsigned": true}', {"unsigned": True}),
    "a text": (b'"a text".sig', "a text"),
    "deep": (DEEP + b".sig", {"deep": {"deep": {"deep": {"deep": "…"}}}}),
    "half a character": (b'{"text": "\\ud800"}.sig', {"text": "\ud800"}),
    "of stock's": (
        as_stock("somebody-elses", {"access_token": "t" * 43}).encode(),
        {"access_token": "tttttt…"},
    ),
}


@pytest.mark.parametrize(("body", "said"), WHATEVER.values(), ids=WHATEVER)
def test_whatever_else_comes_is_told_and_not_believed(
    app: Consumer, held: Told, body: bytes, said: object
) -> None:
    assert ask(body).status_code == 400

    ((step, details),) = held
    assert step is Step.QUESTION_REFUSED
    assert (details["signature"], details["question"]) == ("not verified", said)
    assert "key" not in details


def test_a_question_that_is_refused_for_what_it_says_was_verified(
    app: Consumer, held: Told, clock: Clock
) -> None:
    now = int(clock.time())
    body = signed(PRIVATE_KEY, Purpose.VERIFY_ASK, {"nonce": "n" * 22, "iat": now})

    assert ask(body).status_code == 403

    ((step, details),) = held
    assert step is Step.QUESTION_REFUSED
    assert (details["signature"], details["key"]) == ("verified", fingerprint(PRIVATE_KEY))


class Tampering(InProcess):
    """Somebody between the two changes each answer."""

    def _send(self, path: str, body: str, *_: Any) -> Answer:
        answer = super()._send(path, body)
        return Answer(answer.status, answer.text[:-3] + "abc", answer.code)


def test_an_answer_that_is_not_the_servers_is_not_told_as_its_word(
    alices: Browser, app: Consumer, held: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(urls.client, "back_channel", Tampering(PUBLIC_KEY))

    assert alices.get(f"{APP}/in/").status_code == 400

    details = the(Step.ANSWER_UNFIT, held)
    assert details["signature"] == "not verified"
    assert "answer" not in details
    assert details["bytes_received"] > 0


def test_a_link_that_nobody_signed_is_told_as_such(alices: Browser, held: Told) -> None:
    alices.get("http://sso.test/server/authorize/?token=damaged")

    assert the(Step.AUTHORIZE_REFUSED, held) == {"signature": "not verified"}


def test_details_that_nobody_calls_are_not_made(
    scene: Scene, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: Counter[str] = Counter()

    def count(owner: Any, name: str) -> None:
        original = getattr(owner, name)

        def counted(*arguments: Any, **options: Any) -> Any:
            made[name] += 1
            return original(*arguments, **options)

        monkeypatch.setattr(owner, name, counted)

    for owner, name in (
        (providers.Provider, "details"),
        (providers, "_spent_token"),
        (protocol._Asked, "details"),
        (client_views, "_described"),
        (request_tokens.RequestToken, "shown"),
    ):
        count(owner, name)
    a_hand_shake(scene)
    assert [step for step, _ in told if step not in ONCE] == STEPS
    assert not made

    def look(details: events.Words, **_: object) -> None:
        details()

    step_taken.connect(look)
    try:
        scene.browser.at("app.test").logout_here()
        a_hand_shake(scene)
    finally:
        step_taken.disconnect(look)

    assert made == {"details": 4, "_spent_token": 1, "_described": 1, "shown": 2}


def test_a_step_without_details_has_none(held: Told) -> None:
    tell(Step.SIGNED_OUT, user="alice")

    assert held == [(Step.SIGNED_OUT, {})]


def test_details_that_fail_are_the_receivers_own_trouble(told: Told) -> None:
    def details(_: object) -> dict[str, Any]:
        raise RuntimeError("while it is put into words")

    def look(details: events.Words, **_: object) -> None:
        details()

    step_taken.connect(look)
    try:
        tell(Step.SIGNED_OUT, details=details, user="alice")
    finally:
        step_taken.disconnect(look)

    assert told == [(Step.SIGNED_OUT, {"user": "alice"})]
