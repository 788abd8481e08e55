"""An app without user rows: who is signed in is in the cache, as text, and nowhere else."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission, User
from django.core.cache import caches
from pytest_django.fixtures import Settings
from simple_sso.sso_server.models import Consumer

from sso_kit.client.accounts import cached
from sso_kit.client.attributes import attributes_of
from sso_kit.client.decorators import login_required
from sso_kit.client.models import Identity
from tests.kit import urls
from tests.kit.consumers import person
from tests.kit.journeys import APP, Browser, InProcess
from tests.kit.log_outs import Wire

pytestmark = pytest.mark.django_db(transaction=True)
HERS = "only for sso.alice"
BACKEND = "sso_kit.client.backends.AccountBackend"


@pytest.fixture
def hers(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    alice: User,
    app: Consumer,
    back_channel: InProcess,
    wire: Wire,
) -> Browser:
    """Her browser at an app whose users are in the cache. Both halves share a project here."""
    caches["default"].clear()
    backends = settings.AUTHENTICATION_BACKENDS
    settings.AUTHENTICATION_BACKENDS = [*backends, Only.path]
    settings.SSO_KIT = {"USERS": "cache", "TELL_AGAIN": False}
    monkeypatch.setattr(urls.client, "backend", Only.path)
    browser = Browser()
    browser.at("sso.test").login_by_form("alice")
    return browser


class Only:
    """The kit's back end under another name: the project's own is the server's here."""

    path = "tests.kit.test_users_in_the_cache.Only"

    def get_user(self, user_id: Any) -> Any:
        return cached.find(user_id)

    def authenticate(self, *args: Any, **kwargs: Any) -> None:
        return None


def is_in(browser: Browser) -> bool:
    return bool(browser.get(f"{APP}/in/", follow=False).content.decode() == HERS)


def number(subject: object) -> Any:
    from sso_kit.server.issuer import issuer

    return cached.number_of(issuer(), str(subject))


def key(subject: object) -> str:
    return f"{cached.PREFIX}{number(subject)}"


def test_somebody_is_signed_in_without_a_row(hers: Browser) -> None:
    before = get_user_model().objects.count()

    assert hers.get(f"{APP}/in/").content.decode() == HERS
    assert is_in(hers)

    assert get_user_model().objects.count() == before
    assert not Identity.objects.exists()


def test_the_entry_is_json_as_text(hers: Browser, alice: User) -> None:
    hers.get(f"{APP}/in/")

    entry = caches["default"].get(key(alice.pk))

    assert isinstance(entry, str)
    facts = json.loads(entry)
    assert (facts["username"], facts["subject"]) == ("sso.alice", str(alice.pk))


def test_an_entry_that_is_gone_costs_a_silent_hand_shake(hers: Browser) -> None:
    hers.get(f"{APP}/in/")
    caches["default"].clear()

    assert not is_in(hers)
    assert hers.get(f"{APP}/in/").content.decode() == HERS


class Bomb:
    ran = False

    def __reduce__(self) -> Any:
        return (exec, ("from tests.kit.test_users_in_the_cache import Bomb; Bomb.ran = True",))


BAD: dict[str, Any] = {
    "no text": {"username": "admin"},
    "a pickle as bytes": pickle.dumps(Bomb()),
    "a pickle as text": pickle.dumps(Bomb(), protocol=0).decode(),
    "no json": "{",
    "a list": "[]",
    "null": "null",
    "of another version": json.dumps({"version": 0, "issuer": "i", "subject": "s"}),
    "nothing in it": "{}",
    "nested too deep": "[" * 100_000,
}


@pytest.mark.parametrize("bad", BAD)
def test_what_is_no_entry_of_ours_signs_nobody_in_and_is_not_run(
    hers: Browser, alice: User, bad: str
) -> None:
    hers.get(f"{APP}/in/")
    caches["default"].set(key(alice.pk), BAD[bad])

    assert not is_in(hers)
    assert not Bomb.ran


def test_a_pickle_that_is_loaded_does_run() -> None:
    """The control."""
    pickle.loads(pickle.dumps(Bomb()))

    assert Bomb.ran
    Bomb.ran = False


def test_somebody_elses_entry_is_not_ones_own(hers: Browser, alice: User) -> None:
    hers.get(f"{APP}/in/")
    bob = person("bob")
    bobs = Browser()
    bobs.sign_in_at_the_server(bob)
    assert bobs.get(f"{APP}/in/").content.decode() == "only for sso.bob"

    caches["default"].set(key(alice.pk), caches["default"].get(key(bob.pk)))

    assert not is_in(hers)


def test_two_people_have_two_numbers_and_one_has_one_for_ever(hers: Browser) -> None:
    assert number(1) == number(1)
    assert len({number(subject) for subject in range(1000)}) == 1000
    assert cached.number_of("a", "bc") != cached.number_of("ab", "c")


def user(**facts: Any) -> cached.CachedUser:
    return cached.CachedUser(1, {"issuer": "i", "subject": "s", "username": "alice", **facts})


def test_attributes_are_readable_and_give_no_rights() -> None:
    said = {"department": "Support", "is_superuser": True, "is_staff": True, "pk": 7, "save": "x"}
    alice = user(attributes=said)

    assert alice.department == "Support"
    assert (alice.is_superuser, alice.is_staff, alice.pk) == (False, False, 1)
    assert callable(alice.save)
    assert alice.attributes["is_superuser"] is True  # what was said, and no more
    with pytest.raises(AttributeError, match="said no 'phone'"):
        alice.phone  # noqa: B018  (reading is the test)


def test_rights_are_those_of_the_groups_on_the_map(
    hers: Browser, alice: User, settings: Settings
) -> None:
    helpers = Group.objects.create(name="helpers")
    helpers.permissions.add(Permission.objects.get(codename="add_group"))
    alice.groups.add(Group.objects.create(name="agents"))
    hers.get(f"{APP}/in/")
    found = cached.find(number(alice.pk))
    assert found is not None

    assert found.has_perm("auth.add_group")
    assert found.has_perms(["auth.add_group"])
    assert found.has_module_perms("auth")
    assert not found.has_perm("auth.delete_group")
    assert not found.has_perm("auth.add_group", obj=helpers)
    alice.groups.clear()
    hers.at("app.test").logout_here()
    hers.get(f"{APP}/in/")
    again = cached.find(number(alice.pk))
    assert again is not None
    assert not again.has_perm("auth.add_group")


def test_a_changed_name_comes_with_the_next_log_in(hers: Browser, alice: User) -> None:
    hers.get(f"{APP}/in/")
    alice.last_name = "Archer"
    alice.save()
    hers.at("app.test").logout_here()
    hers.get(f"{APP}/in/")

    found = cached.find(number(alice.pk))
    assert found is not None
    assert found.get_full_name() == "Alice Archer"


def test_a_log_out_ends_it_like_any_other(hers: Browser) -> None:
    hers.get(f"{APP}/in/")

    hers.at("sso.test").logout_by_form()

    assert not is_in(hers)


def test_what_the_server_says_further_is_at_hand_wherever_users_are_kept(
    alice: User, app: Consumer, back_channel: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    def show(request: Any) -> Any:
        seen.append(attributes_of(request))
        return urls.inside(request)

    patterns: list[Any] = list(urls.urlpatterns)
    (pattern,) = [each for each in patterns if str(each.pattern) == "in/"]
    monkeypatch.setattr(pattern, "callback", login_required(show))
    extra = type(urls.server).get_user_extra_data
    monkeypatch.setattr(
        type(urls.server),
        "get_user_extra_data",
        lambda *arguments: {**extra(*arguments), "department": "Support"},
    )
    browser = Browser()
    browser.sign_in_at_the_server(alice)
    browser.get(f"{APP}/in/")

    assert seen == [{"department": "Support"}]
