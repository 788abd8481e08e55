"""Clients with a ``build_user`` of their own: the hook that projects override most.

It is given stock's dictionary, no more and no less, and what it returns is signed in.
"""

from __future__ import annotations

import pytest

from tests.adoption.conftest import Both
from tests.adoption.journeys import sign_in
from tests.adoption.stage import FLAVOURS, Stage, running
from tests.interop import tutorial

OWN = """
from django.contrib.auth import get_user_model
from simple_sso.sso_client.client import Client

User = get_user_model()


class OurClient(Client):
{hooks}


test_client = OurClient(settings.SSO_SERVER, settings.SSO_PUBLIC_KEY, settings.SSO_PRIVATE_KEY)
"""
WITH_EXTRA = "    user_extra_data = ['team', 'phone']\n"

HOOKS = {
    "makes the user of the whole dictionary": """
    def build_user(self, user_data):
        user = User.objects.filter(username=user_data['username']).first() or User(**user_data)
        user.save()
        return user
""",
    "get_or_create by e-mail, the rest as defaults": """
    def build_user(self, user_data):
        email = user_data.pop('email')
        user, made = User.objects.get_or_create(email=email, defaults=user_data)
        return user
""",
    "update_or_create by name": """
    def build_user(self, user_data):
        user_data = dict(user_data)
        name = user_data.pop('username')
        return User.objects.update_or_create(username=name, defaults=user_data)[0]
""",
    "super, then sets a field and saves": """
    def build_user(self, user_data):
        user = super().build_user(user_data)
        user.is_staff = user.email.endswith('@example.com')
        user.save()
        return user
""",
    "super with a changed dictionary": """
    def build_user(self, user_data):
        user_data['first_name'] = user_data['first_name'].upper()
        return super().build_user(user_data)
""",
    "super with a copy": """
    def build_user(self, user_data):
        return super().build_user(dict(user_data))
""",
    "super with a copy that has another name": """
    def build_user(self, user_data):
        return super().build_user({**user_data, 'username': 'sso-' + user_data['username']})
""",
    "super without what this app doesn't keep": """
    def build_user(self, user_data):
        kept = {key: value for key, value in user_data.items() if key != 'last_name'}
        return super().build_user(kept)
""",
    "puts everybody in a group": """
    def build_user(self, user_data):
        from django.contrib.auth.models import Group
        user = super().build_user(user_data)
        user.groups.add(Group.objects.get_or_create(name='from the sso')[0])
        assert user.groups.count() == 1
        return user
""",
    "in a transaction of its own": """
    def build_user(self, user_data):
        from django.db import transaction
        with transaction.atomic():
            return super().build_user(user_data)
""",
    "counts what it is given": """
    def build_user(self, user_data):
        user = super().build_user(user_data.copy())
        user.last_name = ','.join(sorted(user_data))
        user.save()
        return user
""",
    "reads the flags that stock sends": """
    def build_user(self, user_data):
        assert user_data['is_active'] is True
        assert user_data['is_staff'] is False and user_data['is_superuser'] is False
        return super().build_user(user_data)
""",
    "one shared account for all": """
    def build_user(self, user_data):
        return User.objects.get_or_create(username='everybody')[0]
""",
    "create_user with a password that nobody has": """
    def build_user(self, user_data):
        try:
            return User.objects.get(username=user_data['username'])
        except User.DoesNotExist:
            return User.objects.create_user(user_data['username'], user_data['email'], None)
""",
    "get_user that looks at who comes": """
    def get_user(self, access_token):
        user = super().get_user(access_token)
        user.first_name = f'{user.first_name} was here'
        user.save()
        return user
""",
    "get_user that asks by itself": """
    def get_user(self, access_token):
        user_data = self.consumer.consume('/verify/', {'access_token': access_token})
        return self.build_user(user_data)
""",
    "get_request_token that counts": """
    asked = []

    def get_request_token(self, redirect_to):
        self.asked.append(redirect_to)
        return super().get_request_token(redirect_to)

    def build_user(self, user_data):
        user = super().build_user(user_data)
        user.last_name = f'asked {len(self.asked)} times'
        user.save()
        return user
""",
    "get_request_token that asks by itself": """
    def get_request_token(self, redirect_to):
        answer = self.consumer.consume('/request-token/', {'redirect_to': redirect_to})
        return answer['request_token']
""",
    "backend of its own": """
    backend = 'django.contrib.auth.backends.ModelBackend'
""",
    "backend set while it is made": """
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.backend = 'django.contrib.auth.backends.ModelBackend'
""",
    "pops the extra data": WITH_EXTRA
    + """
    def build_user(self, user_data):
        extra = user_data.pop('extra_data')
        user = super().build_user(user_data)
        user.last_name = extra['team']
        user.save()
        return user
""",
}


@pytest.mark.parametrize("hooks", HOOKS.values(), ids=HOOKS)
def test_a_hook_of_its_own_gives_the_same_account(both: Both, hooks: str) -> None:
    before, after = both(code=OWN.replace("{hooks}", hooks))

    assert before.person["user"]
    assert after.seen == before.seen


MADE = {
    "user_extra_data as an argument": """
class OurClient(Client):
    def build_user(self, user_data):
        team = user_data.pop('extra_data')['team']
        return User.objects.update_or_create(
            username=user_data['username'], defaults=dict(user_data, last_name=team))[0]


test_client = OurClient(
    settings.SSO_SERVER, settings.SSO_PUBLIC_KEY, settings.SSO_PRIVATE_KEY, ['team'])
""",
    "from_dsn": """
host = settings.SSO_SERVER.removeprefix('http://')
test_client = Client.from_dsn(
    f'http://{settings.SSO_PUBLIC_KEY}:{settings.SSO_PRIVATE_KEY}@{host}')
""",
    "a subclass from_dsn": """
class OurClient(Client):
    def __init__(self, server_url, public_key, private_key):
        super().__init__(server_url, public_key, private_key)
        self.label = server_url


host = settings.SSO_SERVER.removeprefix('http://')
test_client = OurClient.from_dsn(
    f'http://{settings.SSO_PUBLIC_KEY}:{settings.SSO_PRIVATE_KEY}@{host}')
assert test_client.label == settings.SSO_SERVER
""",
    "by keywords": """
test_client = Client(
    server_url=settings.SSO_SERVER,
    public_key=settings.SSO_PUBLIC_KEY,
    private_key=settings.SSO_PRIVATE_KEY,
    user_extra_data=None,
)
""",
    "with an argument of its own": """
class OurClient(Client):
    def __init__(self, *args, **kwargs):
        self.title = kwargs.pop('title')
        super().__init__(*args, **kwargs)

    def build_user(self, user_data):
        user = super().build_user(user_data)
        user.last_name = self.title
        user.save()
        return user


test_client = OurClient(
    settings.SSO_SERVER, settings.SSO_PUBLIC_KEY, settings.SSO_PRIVATE_KEY, title='Dr')
""",
    "with urls of its own beside stock's": """
class OurClient(Client):
    def get_urls(self):
        return [*super().get_urls(), path('who/', whoami, name='who')]


test_client = OurClient(settings.SSO_SERVER, settings.SSO_PUBLIC_KEY, settings.SSO_PRIVATE_KEY)
""",
    "with stock's two urls written out": """
from django.urls import re_path


class OurClient(Client):
    def get_urls(self):
        login = self.login_view.as_view(client=self)
        authenticate = self.authenticate_view.as_view(client=self)
        return [
            re_path(r'^$', login, name='simple-sso-login'),
            re_path(r'^authenticate/$', authenticate, name='simple-sso-authenticate'),
        ]


test_client = OurClient(settings.SSO_SERVER, settings.SSO_PUBLIC_KEY, settings.SSO_PRIVATE_KEY)
""",
}
IMPORTS = """
from django.contrib.auth import get_user_model
from simple_sso.sso_client.client import Client

User = get_user_model()
"""


@pytest.mark.parametrize("made", MADE.values(), ids=MADE)
def test_a_client_made_in_another_way_works_as_well(both: Both, made: str) -> None:
    before, after = both(code=IMPORTS + made)

    assert before.person["user"] == "alice"
    assert after.seen == before.seen


def test_the_tutorials_client_as_it_is(both: Both) -> None:
    before, after = both()

    assert (before.person["user"], before.path) == ("alice", "/?page=2")
    assert after.seen == before.seen


BY_EMAIL = OWN.replace("{hooks}", HOOKS["get_or_create by e-mail, the rest as defaults"])


def test_people_who_were_there_before_the_change_stay_who_they_are(stage: Stage) -> None:
    """A project whose own hook says which account is whose needs no ``sso_adopt``."""
    stock, kit = (stage.client(flavour, code=BY_EMAIL) for flavour in FLAVOURS)
    with running(stock):
        before = sign_in(stock)
        bob = sign_in(stock, "bob")
    kit.file("../db.sqlite3").write_bytes(stock.file("../db.sqlite3").read_bytes())
    kit.manage("migrate")

    with running(kit):
        assert sign_in(kit).seen == before.seen
        assert sign_in(kit, "bob").seen == bob.seen

    assert "2" in kit.manage("shell", "-v0", "-c", COUNT)


COUNT = "from django.contrib.auth.models import User; print(User.objects.count())"


def test_people_whom_stock_made_are_handed_over_with_one_command(stage: Stage) -> None:
    """And get what the hook of the project adds, before and after."""
    code = OWN.replace("{hooks}", HOOKS["super, then sets a field and saves"])
    stock, kit = (stage.client(flavour, code=code) for flavour in FLAVOURS)
    with running(stock):
        before = sign_in(stock, "bob")
    stock.manage("shell", "-v0", "-c", NO_STAFF)
    kit.file("../db.sqlite3").write_bytes(stock.file("../db.sqlite3").read_bytes())
    kit.manage("migrate")
    tutorial.adopt(kit)

    with running(kit):
        after = sign_in(kit, "bob")

    assert after.seen == before.seen


NO_STAFF = "from django.contrib.auth.models import User; User.objects.update(is_staff=False)"
