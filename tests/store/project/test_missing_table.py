"""A table that isn't migrated is named also where the transaction that needed it has failed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from sso_kit.client.models import KnownServer
from sso_kit.errors import NotConfigured
from sso_kit.installation import need_tables

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def no_table() -> Iterator[None]:
    with connection.schema_editor() as editor:
        editor.delete_model(KnownServer)
    yield
    with connection.schema_editor() as editor:
        editor.create_model(KnownServer)


@pytest.mark.usefixtures("no_table")
def test_in_a_request_that_is_one_transaction() -> None:
    missing = pytest.raises(NotConfigured, match="sso_kit_client_knownserver is missing")

    with missing, transaction.atomic(), need_tables():
        list(KnownServer.objects.all())
