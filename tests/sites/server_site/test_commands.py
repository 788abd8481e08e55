"""What the pages and the log tell people to run works in the lab, which has no manage.py."""

from __future__ import annotations

import shlex
import subprocess

import pytest
from simple_sso.sso_server.models import Consumer

from lab.table import ROOT
from sso_kit.errors import OriginRefused
from sso_kit.server.models import ConsumerPolicy
from sso_kit.server.policy import check_redirect


@pytest.mark.django_db
def test_a_refused_address_comes_with_the_labs_own_command() -> None:
    consumer = Consumer.objects.create(name="It's Notes & co", public_key="k", private_key="p" * 43)
    policy = ConsumerPolicy.objects.create(consumer=consumer)

    with pytest.raises(OriginRefused) as refused:
        check_redirect(policy, "http://app-a.localhost:8080/sso/authenticate/?state=s", 3000)

    command = str(refused.value).partition("Add it: ")[2]
    assert shlex.split(command)[:3] == ["make", "manage", "SITE=server"]
    assert arguments_through_make(command) == [
        *("sso_consumer", "It's Notes & co"),
        *("--origin", "http://app-a.localhost:8080/sso/authenticate/"),
    ]


def arguments_through_make(command: str) -> list[str]:
    """What the lab is given when somebody pastes the command, without a lab."""
    said = subprocess.run(
        f"{command} --no-print-directory lab='printenv ARGS #'",
        shell=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return shlex.split(said.stdout)
