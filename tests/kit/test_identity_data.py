"""What the server says of a person, and what of it this app takes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.test.utils import isolate_apps
from hypothesis import HealthCheck, example, given
from hypothesis import settings as tuned
from hypothesis import strategies as st

from sso_kit.client.accounts.profile import profile
from sso_kit.errors import HandShakeError, MessageRefused, NotConfigured
from sso_kit.store.people import group_names
from tests.kit.test_identity import accounts, word_of_the_server

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("missing", ["subject", "username"])
@pytest.mark.parametrize("value", [None, "", 7, [], {}, "\x00", "\ud800"])
def test_nobody_in_particular_is_refused(missing: str, value: object) -> None:
    with pytest.raises(MessageRefused, match="who this is"):
        accounts().account_for(word_of_the_server(**{missing: value}))


@pytest.mark.parametrize("name", ["a" * 151, "with space", "line\nbreak", "<script>"])
def test_a_name_that_this_app_cannot_keep_is_refused_with_the_reason(name: str) -> None:
    with pytest.raises(MessageRefused, match="can't keep"):
        accounts().account_for(word_of_the_server(username=name))


def test_an_over_long_profile_is_cut() -> None:
    assert len(accounts().account_for(word_of_the_server(first_name="A" * 999)).first_name) == 150


def test_a_missing_address_is_not_the_word_none() -> None:
    assert accounts().account_for(word_of_the_server(email=None)).email == ""


def test_an_address_that_another_account_has_keeps_nothing_else_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In models whose addresses are unique."""
    user = accounts().account_for(word_of_the_server())
    save = User.save

    def unique(self: User, **options: Any) -> None:
        if "email" in options["update_fields"]:
            raise IntegrityError
        save(self, **options)

    monkeypatch.setattr(User, "save", unique)
    accounts().account_for(word_of_the_server(email="taken@people.test", first_name="Al"))

    user.refresh_from_db()
    assert (user.email, user.first_name) == ("alice@people.test", "Al")


@isolate_apps("django.contrib.auth")
@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"email_verified": True}, True),
        ({}, False),
        ({"email_verified": True, "email": None}, False),
        ({"email_verified": True, "email": ""}, False),
        ({"email_verified": True, "email": "a" * 99 + "@people.test"}, False),
    ],
)
def test_whether_an_address_is_verified_is_about_the_one_that_is_kept(
    said: dict[str, Any], kept: bool
) -> None:
    class Reader(AbstractBaseUser):
        username = models.CharField(max_length=9, unique=True)
        email = models.EmailField(max_length=99)
        email_verified = models.BooleanField(default=False)
        USERNAME_FIELD = "username"

        class Meta:
            app_label = "auth"

    person = word_of_the_server(**said)

    assert profile(Reader(email="old@people.test"), person)["email_verified"] is kept


def test_a_model_without_that_field_is_not_given_one() -> None:
    assert "email_verified" not in profile(User(), word_of_the_server(email_verified=True))


def test_what_the_server_does_not_fill_is_saved_as_stock_saved_it_unchecked() -> None:
    def required_and_empty(user: User, data: dict[str, Any]) -> None:
        user.password = ""

    user = accounts(prepare=required_and_empty).account_for(word_of_the_server())

    with pytest.raises(ValidationError):
        user.clean_fields()


def test_a_project_fills_what_its_model_wants_before_a_new_account_is_saved() -> None:
    seen = list[tuple[Any, str]]()

    def prepare(user: User, data: dict[str, Any]) -> None:
        seen.append((user.pk, data["username"]))
        user.date_joined = datetime(2001, 2, 3, tzinfo=UTC)

    user = accounts(prepare=prepare).account_for(word_of_the_server())

    user.refresh_from_db()
    assert user.date_joined.year == 2001
    accounts(prepare=prepare).account_for(word_of_the_server())
    assert seen == [(None, "alice")]


def test_what_nobody_fills_is_named_with_the_hook_that_can() -> None:
    def leave_empty(user: User, data: dict[str, Any]) -> None:
        user.last_name = user.first_name = None  # type: ignore[assignment]  # as a field without default is

    with pytest.raises(NotConfigured, match="User wants 'first_name' and 'last_name'") as refusal:
        accounts(prepare=leave_empty).account_for(word_of_the_server())

    assert "Client.prepare_user(user, user_data)" in refusal.value.remedy
    assert not User.objects.exists()


def test_a_model_that_checks_itself_says_which_field_it_will_not_have(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(self: User, **_: Any) -> None:
        raise ValidationError({"last_name": "No Archers here."})

    monkeypatch.setattr(User, "save", refuse)

    with pytest.raises(MessageRefused, match="last_name: No Archers here"):
        accounts().account_for(word_of_the_server())


def groups_of(user: User) -> set[str]:
    return set(user.groups.values_list("name", flat=True))


def test_mapped_groups_are_given_and_taken_and_no_others() -> None:
    mapping = accounts(group_map={"agents": "helpers", "boss": "leads"})
    user = mapping.account_for(word_of_the_server(extra_data={"groups": ["agents", "root"]}))
    user.groups.add(Group.objects.create(name="locals"))
    assert groups_of(user) == {"helpers", "locals"}

    mapping.account_for(word_of_the_server(extra_data={"groups": ["boss"]}))
    assert groups_of(user) == {"leads", "locals"}

    mapping.account_for(word_of_the_server(extra_data={"groups": []}))
    assert groups_of(user) == {"locals"}


def test_an_account_at_hand_has_the_groups_that_it_has_now() -> None:
    mapping = accounts(group_map={"agents": "helpers", "boss": "leads"})
    mapping.account_for(word_of_the_server(extra_data={"groups": ["agents"]}))

    user = mapping.account_for(word_of_the_server(extra_data={"groups": ["boss"]}))

    assert group_names(user) == ["leads"]


def test_without_a_mapping_no_group_is_touched() -> None:
    user = accounts().account_for(word_of_the_server(extra_data={"groups": ["agents"]}))

    assert groups_of(user) == set()


@pytest.mark.parametrize(
    "extra", [None, [], ["groups"], "groups", {}, {"groups": None}, {"groups": "agents"}, 7]
)
def test_no_word_about_groups_vouches_for_none(extra: object) -> None:
    mapping = accounts(group_map={"agents": "helpers"})
    user = mapping.account_for(word_of_the_server(extra_data={"groups": ["agents"]}))
    user.groups.add(Group.objects.create(name="locals"))

    mapping.account_for(word_of_the_server(extra_data=extra))

    assert groups_of(user) == {"locals"}


def test_nor_does_an_answer_without_extra_data() -> None:
    mapping = accounts(group_map={"agents": "helpers"})
    user = mapping.account_for(word_of_the_server(extra_data={"groups": ["agents"]}))

    mapping.account_for(word_of_the_server())

    assert groups_of(user) == set()


def test_a_subject_longer_than_its_column_is_nobody() -> None:
    accounts().account_for(word_of_the_server(subject="s" * 255))

    with pytest.raises(MessageRefused, match="who this is"):
        accounts().account_for(word_of_the_server(subject="s" * 256, username="bob"))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)


@tuned(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.fixed_dictionaries(
        {"subject": st.just("17") | JSON, "username": st.just("alice") | JSON},
        optional={"email": JSON, "first_name": JSON, "last_name": JSON, "extra_data": JSON},
    )
)
@example({"subject": "17", "username": "alice", "email": "\ud800"})
@example({"subject": "17", "username": "alice", "first_name": "\x00"})
def test_any_word_of_a_server_gives_an_account_or_a_reason(data: dict[str, Any]) -> None:
    try:
        word = word_of_the_server(**data)
        assert accounts(group_map={"agents": "helpers"}).account_for(word).pk
    except HandShakeError as error:
        assert str(error)
