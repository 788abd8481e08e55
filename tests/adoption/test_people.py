"""User models as projects have them, on either side.

Stock's client knows ``django.contrib.auth.models.User`` only: with another model it works where
the project's own ``build_user`` does. So that is the control, and the kit has to work with that
hook and without it.
"""

from __future__ import annotations

import pytest

from tests.adoption.journeys import Arrived, sign_in
from tests.adoption.light import Light
from tests.adoption.stage import CLIENT_CODE, FLAVOURS, SERVER_CODE, Stage, running

APP = "AUTH_USER_MODEL = 'people.Person'"
IMPORTS = """
import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import AbstractUser, PermissionsMixin, UserManager
from django.db import models
"""
MODELS = {
    "UUID keys": """
class Person(AbstractUser):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
""",
    "keys that are texts": """
def short():
    return uuid.uuid4().hex[:12]


class Person(AbstractUser):
    code = models.CharField(primary_key=True, max_length=12, default=short)
""",
    "no note of the last log-in": """
class Person(AbstractUser):
    last_login = None
""",
    "required texts that nobody fills": """
class Person(AbstractUser):
    department = models.CharField(max_length=30)
    phone = models.CharField(max_length=30)
    bio = models.TextField()
""",
    "required with defaults": """
class Person(AbstractUser):
    department = models.CharField(max_length=30, default='sales')
    born = models.DateField(null=True)
    score = models.IntegerField(default=7)
    settings = models.JSONField(default=dict)
""",
    "choices that stock never asked about": """
class Person(AbstractUser):
    kind = models.CharField(max_length=3, choices=[('in', 'Inside'), ('out', 'Outside')])
""",
    "no groups": """
class Person(AbstractBaseUser):
    username = models.CharField(max_length=150, unique=True)
    email = models.EmailField()
    first_name = models.CharField(max_length=30, blank=True)
    last_name = models.CharField(max_length=30, blank=True)
    is_staff = models.BooleanField(default=False)
    is_superuser = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    objects = UserManager()
    USERNAME_FIELD = 'username'
    EMAIL_FIELD = 'email'
    REQUIRED_FIELDS = ['email']

    def has_perm(self, perm, obj=None):
        return self.is_superuser

    def has_module_perms(self, label):
        return self.is_superuser
""",
    "parts in another table": """
class Base(models.Model):
    note = models.CharField(max_length=30, blank=True)


class Person(Base, AbstractUser):
    base = models.OneToOneField(Base, models.CASCADE, parent_link=True, primary_key=True)
    objects = UserManager()
""",
    "a manager that hides some": """
class Shown(UserManager):
    def get_queryset(self):
        return super().get_queryset().filter(is_active=True)


class Person(AbstractUser):
    objects = Shown()
""",
}
HOOK = """
from django.contrib.auth import get_user_model
from simple_sso.sso_client.client import Client


class OurClient(Client):
    def build_user(self, user_data):
        kept = {name: value for name, value in user_data.items() if hasattr(Person, name)}
        return Person.objects.get_or_create(username=user_data['username'], defaults=kept)[0]


Person = get_user_model()
test_client = OurClient(settings.SSO_SERVER, settings.SSO_PUBLIC_KEY, settings.SSO_PRIVATE_KEY)
"""


def with_people(stage: Stage, side: str, flavour: str, model: str, code: str) -> Light:
    """A project whose people are of another model, from its first migration on."""
    make = stage.server if side == "server" else stage.client
    project = make(flavour, code=code, settings=APP)
    package = project.folder / "people"
    (package / "migrations").mkdir(parents=True)
    for module in (package / "__init__.py", package / "migrations" / "__init__.py"):
        module.touch()
    (package / "models.py").write_text(IMPORTS + model)
    project.install("people")
    (project.folder / "db.sqlite3").unlink()
    project.manage("makemigrations", "people", "-v0")
    project.manage("migrate", "-v0")
    return project


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_an_app_with_its_own_model_makes_the_account(stage: Stage, model: str) -> None:
    by_hook = journey(with_people(stage, "client", "stock", model, HOOK))
    without = journey(with_people(stage, "client", "kit", model, CLIENT_CODE))

    assert by_hook.person["user"] == without.person["user"] == "alice"
    assert without.person["email"] == by_hook.person["email"]


def test_and_its_own_hook_goes_on_making_it(stage: Stage) -> None:
    before, after = (
        journey(with_people(stage, "client", flavour, MODELS["UUID keys"], HOOK))
        for flavour in FLAVOURS
    )

    assert before.person["user"] == "alice"
    assert after.seen == before.seen


def journey(app: Light) -> Arrived:
    with running(app):
        first, again = sign_in(app), sign_in(app)
    assert first.seen == again.seen
    return again


AT_A_SERVER = ("UUID keys", "keys that are texts", "no groups", "parts in another table")


@pytest.mark.parametrize("model", [MODELS[name] for name in AT_A_SERVER], ids=AT_A_SERVER)
def test_a_server_with_its_own_model_says_who_people_are(stage: Stage, model: str) -> None:
    before, after = (of_a_server(stage, flavour, model) for flavour in FLAVOURS)

    assert before.person["user"] == "alice"
    assert after.seen == before.seen


def of_a_server(stage: Stage, flavour: str, model: str) -> Arrived:
    server = with_people(stage, "server", flavour, model, SERVER_CODE)
    server.manage("shell", "-v0", "-c", ALICE)
    app = stage.client(flavour, server=server)
    with running(server, app):
        return sign_in(app)


ALICE = """
from django.contrib.auth import get_user_model
from simple_sso.sso_server.models import Consumer
Consumer.objects.create(public_key='public', private_key='private', name='my_application')
get_user_model().objects.create_user('alice', 'alice@example.com', 'her password')
"""

NULL = """
class Person(AbstractUser):
    born = models.DateField()
    floor = models.IntegerField()
"""
FILLED = """
from datetime import date
from simple_sso.sso_client.client import Client


class OurClient(Client):
    def {hook}:
        {before}
        user.born, user.floor = date(1990, 1, 1), 3
        {after}


test_client = OurClient(settings.SSO_SERVER, settings.SSO_PUBLIC_KEY, settings.SSO_PRIVATE_KEY)
"""


def test_fields_that_nobody_fills_are_named_and_the_hook_for_them_works(stage: Stage) -> None:
    """Stock's own hook has to make such an account by itself; then it does, with both."""
    by_hand = FILLED.format(
        hook="build_user(self, user_data)",
        before="user = Person.objects.filter(username=user_data['username']).first() "
        "or Person(**user_data)",
        after="user.save(); return user",
    )
    by_hand = (
        "\nfrom django.contrib.auth import get_user_model\n"
        + by_hand
        + "Person = get_user_model()\n"
    )
    prepared = FILLED.format(hook="prepare_user(self, user, user_data)", before="", after="")
    control = journey(with_people(stage, "client", "stock", NULL, by_hand))
    refused = with_people(stage, "client", "kit", NULL, CLIENT_CODE)
    with running(refused), pytest.raises(AssertionError, match=r"503 .*set up for sign-in yet"):
        sign_in(refused)

    assert "wants 'born' and 'floor'" in refused.said()
    assert "Client.prepare_user(user, user_data)" in refused.said()
    assert journey(with_people(stage, "client", "kit", NULL, by_hand)).seen == control.seen
    assert (
        journey(with_people(stage, "client", "kit", NULL, prepared)).person["born"] == "1990-01-01"
    )


BY_ADDRESS = """
class Persons(BaseUserManager):
    def create_user(self, email, password=None, **fields):
        person = self.model(email=email, **fields)
        person.set_password(password)
        person.save()
        return person


class Person(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(unique=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    objects = Persons()
    USERNAME_FIELD = 'email'
"""
BY_ADDRESS_HOOK = HOOK.replace("username=user_data['username']", "email=user_data['email']")


def test_an_app_whose_people_are_named_by_their_address(stage: Stage) -> None:
    before, with_hook, without = (
        journey(with_people(stage, "client", flavour, BY_ADDRESS, code))
        for flavour, code in (
            ("stock", BY_ADDRESS_HOOK),
            ("kit", BY_ADDRESS_HOOK),
            ("kit", CLIENT_CODE),
        )
    )

    assert before.person["user"] == "alice@example.com"
    assert with_hook.seen == without.seen == before.seen
