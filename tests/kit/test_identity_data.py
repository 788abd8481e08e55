"""What the server says of a person, and what of it this app takes."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from hypothesis import HealthCheck, example, given
from hypothesis import settings as tuned
from hypothesis import strategies as st

from sso_kit.exceptions import HandShakeError, MessageRefused
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


def test_without_a_mapping_no_group_is_touched() -> None:
    user = accounts().account_for(word_of_the_server(extra_data={"groups": ["agents"]}))

    assert groups_of(user) == set()


@pytest.mark.parametrize(
    "extra", [None, [], ["groups"], "groups", {}, {"groups": None}, {"groups": "x"}, 7]
)
def test_no_word_about_groups_leaves_them_alone(extra: object) -> None:
    mapping = accounts(group_map={"agents": "helpers"})
    user = mapping.account_for(word_of_the_server(extra_data={"groups": ["agents"]}))

    mapping.account_for(word_of_the_server(extra_data=extra))

    assert groups_of(user) == {"helpers"}


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
        assert accounts(group_map={"agents": "helpers"}).account_for(data).pk
    except HandShakeError as error:
        assert str(error)
