"""Where a router puts accounts into another database, they are made there wholly or not at all.

A process of its own, since a project's databases don't change. The control is the same with the
transaction where it was until now, in the default database: half an account is left.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from lab.table import ROOT

SETTINGS = "tests.kit.settings_router"
CUT = """
import sys
import django
django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import transaction
from sso_kit import databases
from sso_kit.client.models import Identity, KnownServer
from sso_kit.server.models import Issuer
from tests.kit import urls
from tests.kit.test_identity import word_of_the_server

call_command("migrate", database="other", verbosity=0)
assert Issuer.objects.count() == 1
alice = urls.client.accounts.account_for(word_of_the_server())
assert urls.client.accounts.account_for(word_of_the_server()) == alice
assert KnownServer.objects.count() == Identity.objects.count() == 1
call_command("sso_accounts", "--unlink", "--name=alice", "--yes")
call_command("sso_adopt")
call_command("sso_accounts", "--link", "--name=alice", "--subject=17", "--yes")
assert urls.client.accounts.account_for(word_of_the_server()) == alice

def cut(self, *_, **__):
    raise OSError("the database went away")

Identity.save = cut
if sys.argv[1] == "control":
    databases.atomic = lambda model: transaction.atomic()
try:
    urls.client.accounts.account_for(word_of_the_server(subject="18", username="bob"))
except OSError:
    print(User.objects.filter(username="bob").count())
"""


@pytest.mark.parametrize(("way", "left"), [("ours", "0"), ("control", "1")])
def test_a_write_that_fails_leaves_no_half_account_in_the_other_database(
    way: str, left: str
) -> None:
    result = subprocess.run(
        [sys.executable, "-c", CUT, way],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": SETTINGS},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert result.returncode == 0, result.stderr[-3000:]
    assert result.stdout.split()[-1] == left
