"""Others' private names that the kit uses: why, and that they are still what it relies on.

After an update of Django or urllib3 this fails before a hand-shake does, and says where.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import urllib3
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from simple_sso.utils import _split_dsn

from sso_kit.back_channel import deadline, route
from tests.support import private_names
from tests.support.private_names import Private

PACKAGE = "sso_kit"
KEY = "a-key-of-a-session"
ROWS, PEOPLE, SESSIONS = "store/rows.py", "store/people.py", "contrib/sessions.py"
BASE = "django.contrib.sessions.backends.base.SessionBase"
FIELD, OPERATIONS = "django.db.models.Field", "django.db.backends.base.operations"
GROUPS = "django.contrib.auth.models.User.groups.field"

PRIVATE = [
    Private(
        "django.contrib.auth.models.User",
        "_meta",
        (
            "client/accounts/accounts.py",
            "client/accounts/adoption.py",
            "client/accounts/candidates.py",
            "client/accounts/names.py",
            "client/accounts/profile.py",
            "installation.py",
            "server/changes.py",
            "server/sessions.py",
            PEOPLE,
            ROWS,
        ),
        "asks any user model for its fields; Django documents most of it",
    ),
    Private(
        "django.contrib.auth.models.User",
        "_default_manager",
        (
            SESSIONS,
            "client/client.py",
            "databases.py",
            PEOPLE,
        ),
        "finds people as Django's own back end does, whatever the manager is called",
    ),
    Private(
        "django.contrib.auth.models.User",
        "_base_manager",
        ("server/changes.py",),
        "reads what a save is about to change, also of people whom the model's manager hides",
    ),
    Private(
        "django.db.models.Manager",
        "get_queryset",
        (PEOPLE,),
        "compares it with the model's, to see whether that hides anybody",
        ("self",),
    ),
    Private(
        "django.db.models.options.Options",
        "get_ancestor_link",
        (ROWS,),
        "joins the tables that a model inherits from",
        ("self", "ancestor"),
    ),
    Private(
        FIELD,
        "get_col",
        (ROWS,),
        "makes the expression that converters are asked by",
        ("self", "alias", "output_field"),
    ),
    Private(
        f"{OPERATIONS}.BaseDatabaseOperations",
        "get_db_converters",
        (ROWS,),
        "makes Python values of a row's, as a query does",
        ("self", "expression"),
    ),
    Private(
        "django.db.models.expressions.Col",
        "get_db_converters",
        (ROWS,),
        "makes Python values of a row's, as a query does",
        ("self", "connection"),
    ),
    Private(
        FIELD,
        "get_db_prep_value",
        (ROWS,),
        "hands keys to the database driver",
        ("self", "value", "connection", "prepared"),
    ),
    Private(
        f"{OPERATIONS}.BaseDatabaseOperations",
        "adapt_datetimefield_value",
        (ROWS,),
        "hands times to the database driver",
        ("self", "value"),
    ),
    Private(
        f"{OPERATIONS}.BaseDatabaseOperations",
        "quote_name",
        (ROWS,),
        "quotes the names of tables and columns",
        ("self", "name"),
    ),
    Private(GROUPS, "m2m_field_name", (PEOPLE,), "joins a person with their groups", ()),
    Private(
        GROUPS,
        "m2m_reverse_field_name",
        (PEOPLE,),
        "joins a person with their groups",
        (),
    ),
    Private(BASE, "_get_session", (SESSIONS,), "takes a session's content", ("self", "no_load")),
    Private(BASE, "_session_cache", (SESSIONS,), "has nothing to load under a new key"),
    Private(BASE, "_session_key", (SESSIONS,), "gives a session its key before it is written"),
    Private(BASE, "_get_new_session_key", (SESSIONS,), "chooses keys without asking", ("self",)),
    Private(
        "django.db.models.Model",
        "_prefetched_objects_cache",
        (PEOPLE,),
        "keeps a person's groups where refresh_from_db forgets them",
    ),
    Private(
        "django.core.handlers.wsgi",
        "WSGIRequest",
        ("client/loopback.py",),
        "makes a request without a network",
        ("environ",),
    ),
    Private(
        "simple_sso.utils",
        "_split_dsn",
        ("client/client.py",),
        "reads a DSN as stock does",
        ("dsn",),
    ),
    Private(
        "urllib3.connection.HTTPConnection",
        "_new_conn",
        ("back_channel/deadline.py",),
        "puts a socket with a deadline in place of the plain one",
        ("self",),
    ),
    Private(
        "urllib3.HTTPConnectionPool",
        "ConnectionCls",
        ("back_channel/deadline.py", "back_channel/socks.py"),
        "has pools make its own connections",
    ),
    Private(
        "http.client.HTTPConnection",
        "_tunnel",
        ("back_channel/deadline.py",),
        "gives a proxy no more time than there is to connect",
        ("self",),
    ),
    Private(
        "enum",
        "_value_",
        ("defences.py",),
        "gives a defence its name as its value; Python documents it",
    ),
]


@pytest.mark.parametrize("private", PRIVATE, ids=str)
def test_it_is_still_what_the_kit_relies_on(private: Private) -> None:
    private.check(PACKAGE)


@pytest.mark.parametrize("private", PRIVATE, ids=str)
def test_the_kit_still_uses_it_where_the_table_says(private: Private) -> None:
    private.check_files(PACKAGE)


def test_no_private_name_is_used_that_is_not_in_the_table() -> None:
    known = {(each.name, file) for each in PRIVATE for file in each.files}
    found = private_names.foreign(PACKAGE)

    used = {(name, file) for name, files in found.items() for file in files}

    assert len(used) > 10
    assert sorted(used - known) == []


def test_a_session_store_loads_nothing_where_the_cache_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """contrib/sessions.py: what ``_session_cache`` holds is the session's content."""
    store: Any = SessionStore(KEY)
    monkeypatch.setattr(store, "load", lambda: pytest.fail("loaded"))

    store._session_cache = {"a": 1}

    assert store._get_session(no_load=False) == {"a": 1}
    assert store["a"] == 1
    assert store.session_key == store._session_key == KEY


def test_a_session_store_asks_its_own_method_for_a_new_key(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SessionStore()
    monkeypatch.setattr(store, "_get_new_session_key", lambda: KEY)

    store.create()

    assert store.session_key == KEY


def test_a_dsn_is_address_public_key_and_private_key() -> None:
    parts = list(_split_dsn("https://public:private@sso.test/sso/"))

    assert parts == ["https://sso.test/sso/", "public", "private"]


def test_urllib3_makes_its_sockets_where_the_kit_steps_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """back_channel/deadline.py: without this there would be no deadline, and no error."""
    made: list[object] = []

    def note(connection: Any) -> object:
        made.append(connection)
        raise urllib3.exceptions.NewConnectionError(connection, "noted")

    for kind in (deadline.Connection, deadline._UnixConnection):
        monkeypatch.setattr(kind, "_new_conn", note)
    for url in ("http://sso.test/", "https://sso.test/", "http+unix://%2Frun%2Fno.sock/"):
        with pytest.raises(urllib3.exceptions.MaxRetryError, match="noted"):
            route.to(url, 1).connections.urlopen("POST", "/", retries=0)

    assert len(made) == 3
    assert all(isinstance(each, deadline.Connection) for each in made)


def converters() -> Iterator[Any]:
    for field in User._meta.concrete_fields:
        column = field.get_col(User._meta.db_table)
        yield from connection.ops.get_db_converters(column)
        yield from column.get_db_converters(connection)


def test_a_converter_takes_value_expression_and_connection() -> None:
    """store/rows.py: it calls them itself."""
    found = list(converters())

    assert found
    for convert in found:
        assert convert(None, User._meta.pk.get_col("t"), connection) is None
