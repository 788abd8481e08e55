"""What the pages and the log tell people to run works in the lab, which has no manage.py."""

from __future__ import annotations

import shlex

import pytest
from simple_sso.sso_server.models import Consumer

from sso_kit.errors import OriginRefused
from sso_kit.server.models import ConsumerPolicy
from sso_kit.server.policy import check_redirect
from tests.support import making


@making.needs_make
@pytest.mark.django_db
def test_a_refused_address_comes_with_the_labs_own_command() -> None:
    consumer = Consumer.objects.create(name="It's Notes & co", public_key="k", private_key="p" * 43)
    policy = ConsumerPolicy.objects.create(consumer=consumer)

    with pytest.raises(OriginRefused) as refused:
        check_redirect(policy, "http://app-a.localhost:8080/sso/authenticate/?state=s", 3000)

    command = str(refused.value).partition("Add it: ")[2]
    assert shlex.split(command)[:3] == ["make", "manage", "SITE=server"]
    assert shlex.split(making.arguments_of(command)) == [
        *("sso_consumer", "It's Notes & co"),
        *("--origin", "http://app-a.localhost:8080/sso/authenticate/"),
    ]
