"""Who signs out at the server is signed out everywhere, and the apps are told of it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.contrib.auth.tokens import default_token_generator as token_generator
from django.core.signing import Signer
from django.db import connection, transaction
from django.test import Client
from django.utils.http import urlsafe_base64_encode
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings
from simple_sso.sso_server.models import Consumer
from simple_sso.utils import PUBLIC_KEY_HEADER

from sso_kit import clock as kit_clock
from sso_kit.client.models import AppSession, EndedSignIn
from sso_kit.messages import HARDENED, Purpose
from sso_kit.server import courier, ending, telling
from sso_kit.server.changes import listen
from sso_kit.server.ending import Act
from sso_kit.server.models import ConsumerPolicy, Ending, Reason, SignIn
from sso_kit.server.rotation import rotate
from tests.kit import urls
from tests.kit.clock import Clock
from tests.kit.consumers import person, policy_of, signed
from tests.kit.journeys import APP, FINISH, Browser, InProcess, without_csrf_middleware
from tests.kit.log_outs import TROUBLE, Wire, call, sign_in_once

pytestmark = pytest.mark.django_db(transaction=True)
HERS = "only for sso.alice"
PATH = "sso/session-ended/"


@pytest.fixture
def inside(alice: User, app: Consumer, back_channel: InProcess, wire: Wire) -> Browser:
    """Alice's browser; she is signed in at the server, by its form, and at the app."""
    browser = Browser()
    browser.at("sso.test").login(username="alice", password="password")
    assert browser.get(f"{APP}/in/").content.decode() == HERS
    return browser


def is_in(browser: Browser) -> bool:
    """Whether the app shows its page without another hand-shake."""
    return bool(browser.get(f"{APP}/in/", follow=False).status_code == 200)


def ended() -> Ending:
    return Ending.objects.get()


# --- at the server ---


def test_a_log_out_at_the_server_is_one_at_the_app(inside: Browser, wire: Wire) -> None:
    assert is_in(inside)

    inside.at("sso.test").logout_by_form()

    assert not is_in(inside)
    assert len(wire.made) == 1
    assert ended().told is not None
    assert (ended().reason, ended().person, ended().by) == (Reason.LOG_OUT, "alice", "")
    assert not SignIn.objects.exists()


def test_the_raw_old_cookie_is_a_strangers(inside: Browser) -> None:
    old = inside.at("app.test").cookies["sessionid"].value
    inside.at("sso.test").logout_by_form()
    thief = Client(headers={"host": "app.test"})
    thief.cookies["sessionid"] = old

    assert thief.get("/in/").status_code == 302


def test_with_the_calls_off_only_the_check_ends_it(
    inside: Browser, settings: Settings, clock: Clock, wire: Wire
) -> None:
    settings.SSO_KIT = {"LAB_MODE": True, "DEFENCES_OFF": ["log-out-calls"], "TELL_AGAIN": False}
    inside.at("sso.test").logout_by_form()

    assert not wire.made
    assert is_in(inside)
    clock.advance(61)
    assert not is_in(inside)


def test_with_the_calls_and_the_check_off_nothing_does(
    inside: Browser, settings: Settings, clock: Clock
) -> None:
    off = ["log-out-calls", "session-check"]
    settings.SSO_KIT = {"LAB_MODE": True, "DEFENCES_OFF": off, "TELL_AGAIN": False}
    inside.at("sso.test").logout_by_form()
    clock.advance(3600)

    assert is_in(inside)


def test_another_browser_of_the_same_person_goes_on(inside: Browser, alice: User) -> None:
    phone = Browser()
    phone.sign_in_at_the_server(alice)
    phone.get(f"{APP}/in/")

    inside.at("sso.test").logout_by_form()

    assert not is_in(inside)
    assert is_in(phone)


def test_who_signs_in_again_afterwards_stays_in_whatever_comes_late(
    inside: Browser, alice: User, wire: Wire
) -> None:
    inside.at("sso.test").logout_by_form()
    late = wire.made[0]
    inside.at("sso.test").force_login(alice)
    assert inside.get(f"{APP}/in/").content.decode() == HERS

    assert call(*late, urls.PUBLIC_KEY).status == 200
    assert is_in(inside)


def test_a_sign_in_that_began_again_is_not_ended_by_an_older_end(inside: Browser) -> None:
    """Two calls of one sign-in that pass each other: what began later goes on."""
    before = SignIn.objects.get().began
    inside.at("app.test").logout_here()
    inside.get(f"{APP}/in/")
    row = AppSession.objects.latest("pk")

    answer = tell(row, ended=before + 1)

    assert answer.status == 200
    assert is_in(inside)


def test_without_that_rule_an_old_call_ends_a_later_session(
    inside: Browser, settings: Settings
) -> None:
    before = SignIn.objects.get().began
    inside.at("app.test").logout_here()
    inside.get(f"{APP}/in/")
    settings.SSO_KIT = {"LAB_MODE": True, "DEFENCES_OFF": ["ended-at"], "TELL_AGAIN": False}

    tell(AppSession.objects.latest("pk"), ended=before + 1)

    assert not is_in(inside)


@pytest.mark.parametrize("trouble", TROUBLE)
def test_an_app_in_trouble_is_told_again_until_it_confirms(
    inside: Browser, wire: Wire, clock: Clock, trouble: str
) -> None:
    wire.trouble = trouble
    inside.at("sso.test").logout_by_form()

    assert ended().is_pending
    assert ended().problem
    assert is_in(inside)

    wire.mend()
    clock.advance(10)
    assert telling.tell_due() == 1
    assert ended().told is not None
    assert not ended().is_pending
    assert not is_in(inside)
    assert telling.tell_due() == 0


def test_the_pauses_between_tries_grow_and_end(inside: Browser, wire: Wire, clock: Clock) -> None:
    wire.trouble = "500"
    inside.at("sso.test").logout_by_form()
    pauses = []
    for _ in range(12):
        one = ended()
        assert one.next_try is not None
        pauses.append((one.next_try - kit_clock.now()).total_seconds())
        clock.advance(pauses[-1] + 1)
        telling.tell_due()

    assert pauses[0] < 4
    assert all(pause <= telling.LONGEST_PAUSE * 1.5 for pause in pauses)
    assert pauses[-1] > 100
    clock.advance(30 * 24 * 3600)
    telling.tell_due()
    assert not ended().is_pending
    assert ended().told is None


def test_the_last_try_is_when_it_is_about_to_be_over(
    inside: Browser, wire: Wire, clock: Clock
) -> None:
    wire.trouble = "down"
    SignIn.objects.update(expires=kit_clock.now() + timedelta(seconds=100))
    inside.at("sso.test").logout_by_form()
    Ending.objects.update(tries=9)
    telling.inform([ended().pk])

    next_try, until = ended().next_try, ended().until
    assert next_try is not None
    assert timedelta(0) < until - next_try < timedelta(seconds=5)


def test_of_two_processes_one_tells_again(inside: Browser, wire: Wire, clock: Clock) -> None:
    wire.trouble = "500"
    inside.at("sso.test").logout_by_form()
    clock.advance(10)
    wire.made.clear()
    telling.tell_due()
    telling.tell_due()

    assert len(wire.made) == 1


def test_a_replay_is_a_success_and_changes_nothing(inside: Browser, wire: Wire) -> None:
    inside.at("sso.test").logout_by_form()
    noted = EndedSignIn.objects.get().ended

    assert call(*wire.made[0], urls.PUBLIC_KEY).status == 200
    assert EndedSignIn.objects.get().ended == noted


def test_an_app_that_is_told_while_the_answer_is_on_its_way_signs_nobody_in(
    inside: Browser, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server has vouched for her, and she logs out before the app has noted it."""
    from sso_kit.client import sessions

    begin = sessions.begin

    def late(*arguments: Any) -> None:
        inside.at("sso.test").logout_by_form()
        begin(*arguments)

    monkeypatch.setattr(sessions, "begin", late)
    inside.at("app.test").logout_here()
    finish = inside.walk_until(f"{APP}/in/", FINISH)
    inside.get(finish, follow=False)
    monkeypatch.setattr(sessions, "begin", begin)

    assert not is_in(inside)


def test_somebody_else_in_the_same_browser_ends_who_was_there(inside: Browser) -> None:
    person("bob")
    inside.at("sso.test").login_by_form("bob")

    assert not is_in(inside)
    assert (ended().reason, ended().by) == (Reason.SOMEBODY_ELSE, "bob")


def test_the_same_person_again_keeps_their_apps(inside: Browser) -> None:
    inside.at("sso.test").login_by_form("alice")

    assert is_in(inside)
    assert not Ending.objects.exists()
    key = inside.at("sso.test").session.session_key
    assert SignIn.objects.get().session == key
    inside.at("sso.test").logout_by_form()
    assert not is_in(inside)


# --- what else ends it ---


def test_another_password_ends_the_other_browsers(inside: Browser, alice: User) -> None:
    phone = Browser()
    phone.sign_in_at_the_server(alice)
    phone.get(f"{APP}/in/")

    phone.at("sso.test").post("/password/", {"password": "another"})

    assert not is_in(inside)
    assert is_in(phone)
    assert ended().reason == Reason.PASSWORD


class Proxy(User):
    """As a project has one, to sort its people in another way."""

    class Meta:
        proxy = True
        app_label = "auth"


@pytest.mark.parametrize("way", ["save", "proxy", "update"])
@pytest.mark.parametrize("alone", [False, True])
def test_it_makes_no_difference_how_a_password_is_changed(
    alice: User,
    app: Consumer,
    back_channel: InProcess,
    wire: Wire,
    clock: Clock,
    way: str,
    alone: bool,
) -> None:
    """At once where Django tells of it, and within the bound where it doesn't."""
    listen()
    browser = Browser()
    if alone:
        browser.get(sign_in_once(browser, "alice", f"{APP}/in/"))
    else:
        browser.at("sso.test").login_by_form("alice")
        browser.get(f"{APP}/in/")
    alice.set_password("another one")
    if way == "update":
        User.objects.filter(pk=alice.pk).update(password=alice.password)
    else:
        there = alice if way == "save" else Proxy.objects.get(pk=alice.pk)
        there.set_password("another one")
        there.save()

    assert is_in(browser) is (way == "update")
    clock.advance(61)
    assert not is_in(browser)
    assert ended().reason == Reason.PASSWORD


def test_a_reset_in_a_browser_that_is_signed_in_is_no_fault(
    inside: Browser, alice: User, settings: Settings
) -> None:
    """Django's view uses its session after it has saved the password."""
    alice.refresh_from_db()
    uid, token = urlsafe_base64_encode(str(alice.pk).encode()), token_generator.make_token(alice)
    form = inside.at("sso.test").get(f"/reset/{uid}/{token}/")["Location"]
    typed = {"new_password1": "Zx9-long-enough", "new_password2": "Zx9-long-enough"}

    assert inside.at("sso.test").post(form, typed).status_code == 302
    alice.refresh_from_db()
    assert alice.check_password("Zx9-long-enough")
    assert not is_in(inside)
    assert ended().reason == Reason.PASSWORD


def test_while_others_are_told_of_a_new_password_its_own_browser_goes_on(
    inside: Browser, alice: User, wire: Wire, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another tab asks the server just then whether its session stands."""
    phone = Browser()
    phone.at("sso.test").login_by_form("alice")
    phone.get(f"{APP}/in/")
    clock.advance(61)
    seen, exchange = [], wire.exchange

    def meanwhile(*call: Any) -> Any:
        seen.append(is_in(inside))
        return exchange(*call)

    monkeypatch.setattr(wire, "exchange", meanwhile)
    inside.at("sso.test").post("/password/", {"password": "another"})

    assert seen == [True]
    assert is_in(inside)
    assert not is_in(phone)
    assert ended().reason == Reason.PASSWORD


def test_a_password_that_is_taken_back_has_ended_nothing(inside: Browser, alice: User) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        alice.set_password("another")
        alice.save()
        raise ZeroDivisionError

    assert is_in(inside)
    assert not Ending.objects.exists()


def test_who_is_deactivated_is_out(inside: Browser, alice: User) -> None:
    alice.is_active = False
    alice.save()

    assert not is_in(inside)
    assert ended().reason == Reason.DEACTIVATED


def test_whose_account_is_deleted_is_out_and_on_record(inside: Browser, alice: User) -> None:
    subject = str(alice.pk)
    alice.delete()

    assert inside.get(f"{APP}/in/", follow=False).status_code == 302
    assert (ended().reason, ended().person, ended().subject) == (
        Reason.DELETED,
        "alice",
        subject,
    )
    assert ended().told is not None


def test_who_leaves_the_required_group_is_out(inside: Browser, alice: User, app: Consumer) -> None:
    group = Group.objects.create(name="users")
    alice.groups.add(group)
    policy_of(app).set_required_groups([group])
    assert is_in(inside)

    alice.groups.remove(group)

    assert not is_in(inside)
    assert ended().reason == Reason.NO_ACCESS


@pytest.mark.parametrize("way", ["group deleted", "other group required", "restricted", "members"])
def test_so_is_whom_the_app_does_not_let_in_any_more(
    inside: Browser, alice: User, app: Consumer, way: str
) -> None:
    group = Group.objects.create(name="users")
    alice.groups.add(group)
    policy_of(app).set_required_groups([group])
    assert is_in(inside)

    if way == "group deleted":
        group.delete()
    elif way == "members" or way == "restricted":
        group.user_set.clear()
    else:
        policy_of(app).set_required_groups([Group.objects.create(name="others")])

    assert not is_in(inside)
    assert ended().reason == Reason.NO_ACCESS


def test_who_moves_to_another_required_group_goes_on(
    inside: Browser, alice: User, app: Consumer
) -> None:
    groups = [Group.objects.create(name=name) for name in ("one", "two")]
    alice.groups.set(groups[:1])
    policy_of(app).set_required_groups(groups)

    alice.groups.set(groups[1:])

    assert is_in(inside)


def test_an_app_that_is_taken_away_keeps_nobody(
    inside: Browser, app: Consumer, clock: Clock
) -> None:
    app.delete()

    assert ended().consumer is None
    clock.advance(60 + 601)
    assert not is_in(inside)


def test_an_expired_session_is_found_out_and_on_record(
    inside: Browser, clock: Clock, settings: Settings
) -> None:
    key = inside.at("sso.test").session.session_key
    from django.contrib.sessions.models import Session

    Session.objects.filter(pk=key).update(expire_date=kit_clock.now() - timedelta(seconds=1))
    clock.advance(61)

    assert not is_in(inside)
    assert (ended().reason, ended().told is not None) == (Reason.EXPIRED, True)


# --- at the app ---


def test_here_only_leaves_the_server_as_it_is(inside: Browser) -> None:
    inside.at("app.test").logout_by_form()

    assert ended().reason == Reason.LEFT
    assert inside.get(f"{APP}/in/").content.decode() == HERS


def test_everywhere_ends_the_servers_session_too(inside: Browser, wire: Wire) -> None:
    answer = inside.at("app.test").logout_by_form(everywhere="1")

    assert answer["Location"].startswith("http://sso.test/server/signed-out/?of=")
    page = inside.get(answer["Location"])
    assert "Signed out" in page.content.decode()
    assert not wire.made  # the app knows
    authorize = inside.walk_until(f"{APP}/in/", "/login/")
    assert "next=" in authorize


def test_everywhere_tells_the_other_apps(
    inside: Browser, wire: Wire, alice: User, app: Consumer
) -> None:
    other = Consumer.objects.create(name="other", public_key="o" * 43, private_key="p" * 64)
    policy = ConsumerPolicy.objects.create(consumer=other, origins=[APP])
    SignIn.objects.create(
        ref="of-the-other-app-xyz", session=inside.at("sso.test").session.session_key,
        consumer=policy.consumer, user=alice, began=1, since=kit_clock.now(), seen=kit_clock.now(),
        expires=kit_clock.now() + timedelta(hours=1), tell_at=f"{APP}/other/session-ended/",
    )  # fmt: skip

    inside.at("app.test").logout_by_form(everywhere="1")

    assert [path for path, _ in wire.made] == ["other/session-ended/"]
    states = {each.app: each.told is not None for each in Ending.objects.all()}
    assert states == {"app": True, "other": False}


def test_everywhere_says_so_when_the_server_cannot_be_told(
    inside: Browser, back_channel: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(InProcess, "_send", fail)
    answer = inside.at("app.test").logout_by_form(everywhere="1")

    assert "untold" in answer["Location"]
    page = inside.get(f"{APP}{answer['Location']}").content.decode()
    assert "of this app only" in page
    assert not is_in(inside)


@pytest.mark.parametrize(("host", "path"), [("app.test", "/sso/sso-logout/")])
def test_nobody_is_signed_out_by_a_link_or_from_another_site(
    inside: Browser, host: str, path: str, settings: Settings
) -> None:
    browser = without_csrf_middleware(inside.at(host), settings)

    assert browser.get(path).status_code == 405
    assert (
        browser.post(path, {"everywhere": "1"}, HTTP_ORIGIN="http://evil.test").status_code == 403
    )
    assert is_in(inside)


# --- the check ---


def test_the_server_is_asked_once_in_a_while(
    inside: Browser, back_channel: InProcess, clock: Clock
) -> None:
    back_channel.seen.clear()
    for _ in range(3):
        is_in(inside)
    assert not back_channel.seen

    clock.advance(61)
    for _ in range(3):
        is_in(inside)
    assert [path for path, *_ in back_channel.seen] == ["session/"]


def test_what_the_app_says_of_its_use_counts(
    inside: Browser, settings: Settings, clock: Clock
) -> None:
    """An app that was used, and says so only now; its server has a limit for that."""
    settings.SSO_KIT = {"TELL_AGAIN": False, "IDLE_SECONDS": 300}
    sign_in, ask = SignIn.objects.get().ref, urls.client.consumer.check_session
    clock.advance(400)

    assert ask(sign_in, 120).stands
    clock.advance(400)
    assert ask(sign_in, 390).cause == "idle"


def test_while_the_server_is_away_the_session_goes_on_for_the_grace(
    inside: Browser, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    def fail(*_: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(InProcess, "_send", fail)
    clock.advance(500)
    assert is_in(inside)
    clock.advance(200)

    page = inside.get(f"{APP}/in/")
    assert "be asked for too long" in page.content.decode()
    assert "Sign in again" in page.content.decode()


def test_a_server_that_is_back_in_time_ends_nothing(
    inside: Browser, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    send = InProcess._send
    monkeypatch.setattr(InProcess, "_send", lambda *_: _raise())
    clock.advance(500)
    assert is_in(inside)
    monkeypatch.setattr(InProcess, "_send", send)
    clock.advance(61)
    assert is_in(inside)
    clock.advance(400)
    assert is_in(inside)


def _raise() -> None:
    raise ConnectionRefusedError


def test_looking_costs_one_statement_and_writes_nothing(
    inside: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(3) as seen:  # the session, the row, the person
        assert is_in(inside)
    assert all(query["sql"].startswith("SELECT") for query in seen.captured_queries)


# --- messages ---


def tell(row: AppSession | None = None, key: str = urls.PRIVATE_KEY, **changes: Any) -> Any:
    """What an app is told, as the server writes it, but for the changes."""
    row = row or AppSession.objects.latest("pk")
    payload = {
        "aud": urls.PUBLIC_KEY,
        "iss": row.issuer,
        "event": "session-ended",
        "session": row.sign_in,
        "ended": int(kit_clock.utc().timestamp() * 1_000_000),
        "cause": "log-out",
        "nonce": "n" * 22,
        "iat": int(kit_clock.utc().timestamp()),
        **changes,
    }
    kept = {name: value for name, value in payload.items() if value is not None}
    return call(PATH, signed(key, Purpose.ENDED_ASK, kept), urls.PUBLIC_KEY)


def test_the_good_one_is_confirmed_and_signed(inside: Browser) -> None:
    answer = tell()

    said = HARDENED.read_answer(
        urls.PRIVATE_KEY, Purpose.ENDED_ANSWER, urls.PUBLIC_KEY, "n" * 22, answer.text
    )
    assert said["ended"] is True
    assert not is_in(inside)


NOW = 1_700_000_000
REFUSED: dict[str, dict[str, Any]] = {
    "another audience": {"aud": "somebody-else"},
    "no audience": {"aud": None},
    "another issuer": {"iss": "urn:uuid:another"},
    "no issuer": {"iss": None},
    "another event": {"event": "log-in"},
    "no event": {"event": None},
    "no session": {"session": None},
    "a session that is none": {"session": 1},
    "too long a session": {"session": "s" * 65},
    "a session with a zero byte": {"session": "a\x00b"},
    "no time": {"ended": None},
    "a time that is none": {"ended": "now"},
    "a time of the far future": {"ended": 2**61},
    "true for a time": {"ended": True},
    "no nonce": {"nonce": None},
    "written long ago": {"iat": NOW},
    "written in the future": {"iat": 4_000_000_000},
    "never written": {"iat": None},
}


@pytest.mark.parametrize("wrong", REFUSED)
def test_another_one_is_refused_and_ends_nothing(inside: Browser, wrong: str) -> None:
    answer = tell(**REFUSED[wrong])

    assert answer.status == 400
    assert is_in(inside)


def test_one_that_a_stranger_signed_ends_nothing(inside: Browser) -> None:
    answer = tell(key="another-key" * 5)

    assert (answer.status, answer.code) == (400, "signature")
    assert is_in(inside)


@pytest.mark.parametrize("algorithm", ["sha1", "sha512", "md5"])
def test_another_algorithm_ends_nothing(inside: Browser, algorithm: str) -> None:
    row = AppSession.objects.latest("pk")
    text = json.dumps({"session": row.sign_in, "iat": int(kit_clock.utc().timestamp())})
    signer = Signer(
        key=urls.PRIVATE_KEY, sep=".", salt=Purpose.ENDED_ASK, algorithm=algorithm,
        fallback_keys=[],
    )  # fmt: skip

    assert call(PATH, signer.sign(text), urls.PUBLIC_KEY).status == 400
    assert is_in(inside)


@pytest.mark.parametrize("purpose", [each for each in Purpose if each is not Purpose.ENDED_ASK])
def test_a_message_of_another_kind_ends_nothing(inside: Browser, purpose: Purpose) -> None:
    row = AppSession.objects.latest("pk")
    now = kit_clock.utc().timestamp()
    payload = {
        "aud": urls.PUBLIC_KEY, "iss": row.issuer, "event": "session-ended",
        "session": row.sign_in, "ended": int(now * 1_000_000), "nonce": "n", "iat": int(now),
    }  # fmt: skip

    text = signed(urls.PRIVATE_KEY, purpose, payload)
    assert call(PATH, text, urls.PUBLIC_KEY).status == 400
    assert is_in(inside)


def test_with_the_signature_off_a_stranger_ends_it(inside: Browser, settings: Settings) -> None:
    off = ["log-out-signature"]
    settings.SSO_KIT = {"LAB_MODE": True, "DEFENCES_OFF": off, "TELL_AGAIN": False}

    tell(key="another-key" * 5)

    assert not is_in(inside)


def test_too_long_a_message_is_refused(inside: Browser) -> None:
    assert tell(cause="x" * 17_000).status == 400
    assert is_in(inside)


@pytest.mark.parametrize("method", ["get", "put", "delete", "head", "patch"])
def test_another_method_is_refused(inside: Browser, method: str) -> None:
    answer = getattr(Client(headers={"host": "app.test"}), method)(f"/{PATH}")

    assert answer.status_code == 405
    assert is_in(inside)


def test_a_browser_that_is_made_to_send_one_ends_nothing(inside: Browser) -> None:
    """A form of another site, which has no key and can set no header."""
    text = json.dumps({"session": AppSession.objects.latest("pk").sign_in})
    answer = inside.at("app.test").post(
        f"/{PATH}", text, content_type="text/plain", headers={"origin": "http://evil.test"}
    )

    assert answer.status_code == 400
    assert is_in(inside)


@pytest.mark.parametrize("field", ["session", "cause", "iss"])
def test_half_a_character_is_no_fault_of_the_apps(inside: Browser, field: str) -> None:
    now = int(kit_clock.utc().timestamp())
    good = {
        "aud": urls.PUBLIC_KEY,
        "iss": AppSession.objects.get().issuer,
        "event": "session-ended",
        "session": "of-nobody",
        "ended": now,
        "cause": "log-out",
    }
    body = signed(
        urls.PRIVATE_KEY, Purpose.ENDED_ASK, {**good, field: "\ud800", "nonce": "n", "iat": now}
    )

    assert call(PATH, body, urls.PUBLIC_KEY).status in (200, 400)


@pytest.mark.parametrize(
    ("path", "purpose", "field"),
    [
        ("session/", Purpose.SESSION_ASK, "session"),
        ("sign-out/", Purpose.SIGN_OUT_ASK, "session"),
        ("verify/", Purpose.VERIFY_ASK, "tell_at"),
        ("verify/", Purpose.VERIFY_ASK, "access_token"),
        ("request-token/", Purpose.REQUEST_TOKEN_ASK, "redirect_to"),
        ("request-token/", Purpose.REQUEST_TOKEN_ASK, "prompt"),
    ],
)
def test_nor_of_the_servers(inside: Browser, path: str, purpose: Purpose, field: str) -> None:
    text = f"{APP}/\ud800" if field in ("tell_at", "redirect_to") else "\ud800"
    now = int(kit_clock.utc().timestamp())
    body = signed(urls.PRIVATE_KEY, purpose, {field: text, "nonce": "n" * 22, "iat": now})
    answer = Client(headers={"host": "sso.test", PUBLIC_KEY_HEADER: urls.PUBLIC_KEY}).post(
        f"/server/{path}", body, content_type="application/json"
    )

    assert 400 <= answer.status_code < 500


def test_a_session_that_nobody_knows_is_over_already(app: Consumer, db: None) -> None:
    row = AppSession(sign_in="nobody-knows-this-one", issuer="urn:uuid:any")

    assert tell(row).status == 200


def test_an_app_with_the_old_key_is_told_with_that(
    inside: Browser, app: Consumer, wire: Wire
) -> None:
    rotate(app)
    inside.at("sso.test").logout_by_form()

    assert ended().told is not None
    assert len(wire.made) == 2
    assert not is_in(inside)


def test_a_key_that_was_replaced_between_end_and_delivery_is_no_hindrance(
    inside: Browser, app: Consumer, wire: Wire, clock: Clock
) -> None:
    wire.trouble = "down"
    inside.at("sso.test").logout_by_form()
    rotate(app)
    wire.mend()
    clock.advance(10)
    telling.tell_due()

    assert ended().told is not None
    assert not is_in(inside)


def test_the_app_hears_why(inside: Browser) -> None:
    inside.at("sso.test").logout_by_form()

    assert EndedSignIn.objects.get().cause == "log-out"


def test_an_address_of_somebody_elses_is_never_called(
    inside: Browser, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has an app's key could else make the server post to machines behind its walls."""
    for wanted in ("http://evil.test/x/", "http://127.0.0.1:6379/", "http://app.test@evil.test/"):
        monkeypatch.setattr(urls.client, "tell_at", lambda wanted=wanted: wanted)
        inside.at("app.test").logout_here()
        inside.get(f"{APP}/in/")
        assert SignIn.objects.get().tell_at == ""

    inside.at("sso.test").logout_by_form()

    assert not wire.made
    assert not ended().is_pending


# --- the record ---


def test_a_sign_in_says_who_where_when_and_how(inside: Browser, alice: User) -> None:
    one = SignIn.objects.get()

    assert (one.user, one.consumer.name) == (alice, "app")
    assert one.session == inside.at("sso.test").session.session_key
    assert one.proof.endswith(" pwd")
    assert one.expires > one.seen >= one.since
    assert one.tell_at == f"{APP}/{PATH}"


def test_a_second_hand_shake_is_the_same_sign_in(inside: Browser) -> None:
    first = SignIn.objects.get()
    inside.at("app.test").logout_here()
    inside.get(f"{APP}/in/")

    again = SignIn.objects.get()
    assert (again.pk, again.ref, again.since) == (first.pk, first.ref, first.since)
    assert again.began > first.began


def test_nothing_is_told_of_what_is_taken_back(inside: Browser, alice: User, wire: Wire) -> None:
    """Read before anything is deleted, carried out after the commit."""
    from django.db import transaction

    class Taken(Exception):
        pass

    with pytest.raises(Taken), transaction.atomic():
        ending.end_person(alice, Act(Reason.BY_ADMIN, "ada"))
        raise Taken

    assert not wire.made
    assert SignIn.objects.exists()
    assert not Ending.objects.exists()


def test_an_admin_ends_somebodys_with_a_reason(inside: Browser, alice: User) -> None:
    ending.end_person(alice, Act(Reason.BY_ADMIN, "ada", "laptop lost"))

    assert (ended().by, ended().note) == ("ada", "laptop lost")
    assert not is_in(inside)
    assert inside.at("sso.test").session.get("_auth_user_id") is None


@pytest.mark.parametrize(("atomic", "said"), [(False, "1 confirmed"), (True, "as soon as")])
def test_an_admin_is_not_told_what_isnt_known_yet(
    inside: Browser, monkeypatch: pytest.MonkeyPatch, atomic: bool, said: str
) -> None:
    """With ``ATOMIC_REQUESTS`` nobody is told before the page is ready."""
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", atomic)
    admin = Client(headers={"host": "sso.test"})
    admin.force_login(User.objects.create_superuser("ada", "ada@example.com", "password"))
    chosen = {"action": "end", "_selected_action": [SignIn.objects.get().pk], "reason": "lost"}

    page = admin.post("/admin/sso_kit_server/signin/", chosen, follow=True).content.decode()

    assert "1 sign-in(s) ended" in page
    assert said in page
    assert ended().told is not None


def test_a_courier_is_there_only_while_something_is_pending(
    inside: Browser, wire: Wire, settings: Settings
) -> None:
    assert courier._round() is None
    wire.trouble = "down"
    inside.at("sso.test").logout_by_form()
    nap = courier._round()

    assert nap is not None
    assert 0 < nap <= courier.LONGEST_NAP
