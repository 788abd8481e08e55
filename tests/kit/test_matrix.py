"""Who or what ends a session, by what is going on meanwhile, by what keeps sessions.

The cells are generated. A part in which each pair of values meets is among the other tests;
``make soak`` runs all of them (``MATRIX=all``). In each cell: the raw old cookie is anonymous where
the session has ended, and only there; the other app shows the form, or lets in silently, as the
server knows the browser or doesn't; the other browser is as it should be; the page names each app
truthfully; no answer is a bare 4xx or a 5xx; and the record says what happened.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from pytest_django.fixtures import Settings

from sso_kit.server import ending, telling
from sso_kit.server.ending import Act
from sso_kit.server.models import Ending, Reason
from tests.kit import urls_two_apps as two
from tests.kit.clock import Clock
from tests.kit.consumers import person, policy_of, register
from tests.kit.journeys import Browser, CookieClient, InProcess
from tests.kit.log_outs import TROUBLE, Wire
from tests.kit.test_session_stores import ENGINES
from tests.kit.urls import front

pytestmark = pytest.mark.django_db(transaction=True)
BOTH, HERS = ("a", "b"), "only for sso.alice"
QUIET = {"TELL_AGAIN": False}


@dataclass
class World:
    """Alice's two browsers, the apps, and what keeps them apart."""

    wire: Wire
    clock: Clock
    settings: Any
    alice: User
    laptop: Browser = field(default_factory=Browser)
    phone: Browser = field(default_factory=Browser)
    answers: list[Any] = field(default_factory=list)
    old: dict[str, str] = field(default_factory=dict)

    def at(self, browser: Browser, app: str) -> CookieClient:
        return browser.at(two.URLS[app].removeprefix("http://"))

    def enter(self, browser: Browser, *apps: str) -> None:
        for app in apps:
            assert browser.get(f"{two.URLS[app]}/{app}/in/").content.decode() == HERS

    def is_in(self, browser: Browser, app: str) -> bool:
        """By the session that is there, without another hand-shake."""
        return self.shows(self.at(browser, app), app)

    def shows(self, client: Client, app: str) -> bool:
        answer: Any = client.get(f"/{app}/in/")
        self.answers.append(answer)
        return bool(answer.status_code == 200 and answer.content.decode() == HERS)

    def knows(self, browser: Browser) -> bool:
        return bool(browser.at("sso.test").get("/").content == b"front page of alice")

    def old_cookie_opens(self, app: str) -> bool:
        thief = Client(headers={"host": two.URLS[app].removeprefix("http://")})
        thief.cookies["sessionid"] = self.old[app]
        return self.shows(thief, app)

    def leads_to_the_form(self, app: str) -> bool:
        fresh = Browser(jars={"sso.test": self.laptop.at("sso.test")})
        url = f"{two.URLS[app]}/{app}/in/"
        for _ in range(4):
            answer = fresh.get(url, follow=False)
            if answer.status_code != 302:
                return False
            url = answer["Location"]
            if "/login/?next=" in url:
                return True
        return False


@dataclass(frozen=True)
class Initiator:
    """What ends sessions.

    Attributes:
        ends: apps in which the laptop is signed out by it.
        server: whether the server doesn't know the laptop's browser any more.
        phone: whether the phone goes on.
    """

    act: Callable[[World], Any]
    reason: Reason
    ends: tuple[str, ...] = BOTH
    server: bool = True
    phone: bool = True


def by_form(world: World) -> Any:
    return world.laptop.at("sso.test").logout_by_form()


def at_app(**fields: str) -> Callable[[World], Any]:
    return lambda world: world.at(world.laptop, "a").post("/a/sso/sso-logout/", fields)


def key_of(browser: Browser) -> str:
    return str(browser.at("sso.test").session.session_key)


def save(world: World, **fields: object) -> None:
    for name, value in fields.items():
        setattr(world.alice, name, value)
    world.alice.save()


def leave_group(world: World) -> None:
    world.alice.groups.clear()


def close_app(world: World) -> None:
    from simple_sso.sso_server.models import Consumer

    others = Group.objects.create(name="others")
    policy_of(Consumer.objects.get(name="a")).set_required_groups([others])


def wait(world: World) -> None:
    world.settings.SSO_KIT = QUIET | {"LONGEST_SECONDS": 100}
    world.clock.advance(101)
    world.laptop.at("sso.test").get("/server/signed-out/")
    world.settings.SSO_KIT = QUIET  # both halves, and both browsers, have the same settings here


def new_password(world: World) -> None:
    world.phone.at("sso.test").post("/password/", {"password": "another"})


def somebody_else(world: World) -> None:
    person("bob")
    world.laptop.at("sso.test").login_by_form("bob")


INITIATORS = {
    "log-out at the server": Initiator(by_form, Reason.LOG_OUT),
    "everywhere": Initiator(at_app(everywhere="1"), Reason.EVERYWHERE),
    "here only": Initiator(at_app(), Reason.LEFT, ends=("a",), server=False),
    "sessions page": Initiator(
        lambda world: ending.end_session(key_of(world.laptop), Act(Reason.BY_PERSON)),
        Reason.BY_PERSON,
    ),
    "everything": Initiator(
        lambda world: ending.end_person(world.alice, Act(Reason.BY_ADMIN, "ada", "lost")),
        Reason.BY_ADMIN,
        phone=False,
    ),
    "another password": Initiator(new_password, Reason.PASSWORD),
    "deactivated": Initiator(
        lambda world: save(world, is_active=False), Reason.DEACTIVATED, phone=False
    ),
    "deleted": Initiator(lambda world: world.alice.delete(), Reason.DELETED, phone=False),
    "left the group": Initiator(
        leave_group, Reason.NO_ACCESS, ends=("a",), server=False, phone=False
    ),
    "access withdrawn": Initiator(
        close_app, Reason.NO_ACCESS, ends=("a",), server=False, phone=False
    ),
    "somebody else": Initiator(somebody_else, Reason.SOMEBODY_ELSE),
    "time is up": Initiator(wait, Reason.TOO_LONG),
}
IN = {"in A": ("a",), "in B": ("b",), "in both": BOTH}
HOPS = ["asked", "authorized", "verified"]
STATES = [*IN, *(f"an app is in trouble: {name}" for name in TROUBLE)]
STATES += ["an app restarts", "a form is being sent", *(f"mid-hand-shake: {hop}" for hop in HOPS)]


def cells() -> list[tuple[str, str, str]]:
    everything = list(itertools.product(INITIATORS, STATES, ENGINES))
    return everything if os.environ.get("MATRIX") == "all" else list(covering(everything))


def covering(everything: list[tuple[str, str, str]]) -> Iterator[tuple[str, str, str]]:
    """So few that each pair of values of two columns is in one of them (greedily)."""
    missing = {pair for cell in everything for pair in itertools.combinations(enumerate(cell), 2)}
    while missing:
        best = max(everything, key=lambda cell: len(pairs_of(cell) & missing))
        missing -= pairs_of(best)
        yield best


def pairs_of(cell: tuple[str, str, str]) -> set[Any]:
    return set(itertools.combinations(enumerate(cell), 2))


@pytest.fixture
def world(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    wire: Wire,
    clock: Clock,
    tmp_path: Any,
    alice: User,
) -> World:
    settings.ROOT_URLCONF = "tests.kit.urls_two_apps"
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "other.test"]
    settings.SESSION_FILE_PATH = str(tmp_path)
    users = Group.objects.create(name="users")
    alice.groups.add(users)
    for name, (public, private) in two.KEYS.items():
        made = register(
            name, public_key=public, private_key=private, origins=[two.URLS[name]], granted=[]
        )
        if name == "a":
            policy_of(made).set_required_groups([users])
        monkeypatch.setattr(two.clients[name], "back_channel", InProcess(public))
    wire.host_of = {two.KEYS[name][0]: two.URLS[name].removeprefix("http://") for name in two.KEYS}
    return World(wire, clock, settings, alice)


@pytest.mark.parametrize(("initiator", "state", "engine"), cells())
def test_it_ends_what_it_is_to_end(
    world: World, monkeypatch: pytest.MonkeyPatch, initiator: str, state: str, engine: str
) -> None:
    world.settings.SESSION_ENGINE = ENGINES[engine]
    what, apps = INITIATORS[initiator], IN.get(state, BOTH)
    for browser in (world.laptop, world.phone):
        browser.at("sso.test").login_by_form("alice")
    if initiator in ("everywhere", "here only"):
        apps = tuple(dict.fromkeys(("a", *apps)))
    under_way = prepare(world, state, apps)
    world.enter(world.phone, "b")
    entered = [app for app in apps if world.is_in(world.laptop, app)]
    world.old = {
        app: world.at(world.laptop, app).cookies["sessionid"].value
        for app in entered
        if "sessionid" in world.at(world.laptop, app).cookies
    }

    answer = act(world, monkeypatch, what, state)
    under_way()
    settle(world, state)

    ended = [app for app in entered if app in what.ends]
    for app in entered:
        assert world.old_cookie_opens(app) == (app not in ended), app
        assert world.is_in(world.laptop, app) == (app not in ended), app
    assert world.knows(world.laptop) == (not what.server)
    if what.server and initiator != "somebody else":
        assert world.leads_to_the_form("b")
    if what.phone or "b" not in what.ends:
        assert world.is_in(world.phone, "b")
    else:
        assert not world.is_in(world.phone, "b")
    record = Ending.objects.filter(reason=what.reason)
    assert {each.app for each in record} >= set(ended)
    assert all(each.person == "alice" for each in record)
    page_is_true(world, answer)
    assert not [each.status_code for each in world.answers if each.status_code >= 500]
    assert not [each for each in world.answers if each.status_code >= 400 and not each.content]


def prepare(world: World, state: str, apps: tuple[str, ...]) -> Callable[[], None]:
    """Bring the state about; what goes on after the act."""
    if not state.startswith("mid-hand-shake"):
        world.enter(world.laptop, *apps)
        return lambda: None
    world.enter(world.laptop, "a")
    path = {"asked": "/server/authorize/", "authorized": "/b/sso/authenticate/"}.get(
        state.partition(": ")[2], "/b/in/"
    )
    url = f"{two.URLS['b']}/b/in/"
    if path != "/b/in/":
        url = world.laptop.walk_until(url, path)
    else:
        url = world.laptop.walk_until(url, "/b/sso/authenticate/")
        world.answers.append(world.laptop.get(url, follow=False))
        return lambda: None

    def go_on() -> None:
        answer = world.laptop.get(url, follow=False)
        world.answers.append(answer)
        assert answer.status_code in (302, 403)
        if answer.status_code == 403:
            assert b"<h1>" in answer.content

    return go_on


def act(world: World, monkeypatch: pytest.MonkeyPatch, what: Initiator, state: str) -> Any:
    trouble = state.partition(": ")[2] if state.startswith("an app is in trouble") else ""
    world.wire.trouble = "down" if state == "an app restarts" else trouble
    if state != "a form is being sent":
        return what.act(world)
    came: list[Any] = []

    def busy(request: Any) -> Any:
        """It ends while this request is being worked on."""
        request.session["draft"] = "half a letter"
        came.append(what.act(world))
        return front(request)

    with monkeypatch.context() as patch:
        patch.setattr(two.urlpatterns[0], "callback", busy)
        world.answers.append(world.at(world.laptop, "b").post("/", {"text": "x"}))
    return came[0]


def settle(world: World, state: str) -> None:
    """An app that was in trouble is told when it is well; the others know by now."""
    if world.wire.trouble:
        world.wire.mend()
        world.clock.advance(20)
        telling.tell_due()


def page_is_true(world: World, answer: Any) -> None:
    """What the signed-out page says of each app is what the record says."""
    for batch in set(Ending.objects.values_list("batch", flat=True)):
        page = Client(headers={"host": "sso.test"}).get(f"/server/signed-out/?of={batch}")
        shown = page.content.decode()
        for each in Ending.objects.filter(batch=batch):
            words = "Signed out" if each.told else "Not confirmed"
            assert f"<strong>{each.app}</strong>: {words}" in shown
