"""What goes wrong on the way to the kit: whose log has it, and what that says to do.

The projects log as Django does by default. The control is stock's answer to the same mistake: a
500, with nothing that names a remedy.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.adoption.journeys import gist, sign_in
from tests.adoption.light import Light
from tests.adoption.stage import CLIENT_URLS, FLAVOURS, Stage, running
from tests.interop import tutorial
from tests.support.browser import Browser, Page

IN_PRODUCTION = "DEBUG = False\nALLOWED_HOSTS = ['127.0.0.1']"


def begin(app: Light) -> Page:
    """What somebody sees who wants to sign in."""
    return Browser().get(f"{app.url}/client/?next=/")


@dataclass(frozen=True)
class Mistake:
    """Attributes:
    server, client: settings.
    status: of the page, with the kit.
    logged: what the app's log says to do.
    at_server: what the server's says, where that can mend it too.
    """

    client: str = ""
    server: str = ""
    status: int = 400
    logged: str = ""
    at_server: str = ""


MISTAKES = {
    "a wrong private key": Mistake(
        client="SSO_PRIVATE_KEY = 'another'",
        logged="sso_consumer NAME --write-key FILE",
        at_server="sso_consumer my_application --write-key FILE",
    ),
    "a wrong public key": Mistake(
        client="SSO_PUBLIC_KEY = 'nobodys'",
        logged="sso_consumer NAME shows the one",
        at_server="Look at public_key in the app's Client(...)",
    ),
    "a server that is not there": Mistake(
        client="SSO_SERVER = 'http://127.0.0.1:9/server/'", status=503, logged="127.0.0.1:9"
    ),
    "a path where no server is": Mistake(
        client="SSO_SERVER = SSO_SERVER.replace('/server/', '/nowhere/')",
        status=403,
        logged="server_url",
    ),
    "no address of its own in production": Mistake(
        client=IN_PRODUCTION, status=503, logged='SSO_KIT = {"BASE_URL": "https://this.site"}'
    ),
    "no address at the server in production": Mistake(
        client=f"{IN_PRODUCTION}\nSSO_KIT = {{'BASE_URL': 'http://127.0.0.1:8001'}}",
        server=IN_PRODUCTION,
        logged="127.0.0.1:8001/client/authenticate/",
        at_server="sso_consumer my_application --origin http://127.0.0.1:8001/client/authenticate/",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_a_page_for_people_and_a_remedy_in_the_log(
    stage: Stage, mistake: Mistake
) -> None:
    server = stage.server("kit", settings=mistake.server)
    app = stage.client("kit", settings=mistake.client, server=server)
    with running(server, app):
        page = begin(app)

    assert page.status == mistake.status, gist(page)
    assert "<h1>" in page.body
    assert mistake.logged in app.said()
    assert mistake.at_server in server.said()
    assert "Traceback" not in app.said() + server.said()


def test_who_is_turned_away_after_a_failure_has_its_remedy_in_the_log(stage: Stage) -> None:
    app = stage.client("kit", settings=MISTAKES["a server that is not there"].client)
    with running(app):
        begin(app)
        begin(app)

    (line,) = [line for line in app.said().splitlines() if "failed a moment ago" in line]
    assert "Remedy: " in line
    assert "127.0.0.1:9" in line


OF_STOCK_TOO = [name for name in MISTAKES if "production" not in name]


@pytest.mark.parametrize("name", OF_STOCK_TOO)
def test_control_stock_answers_it_with_a_500_and_no_remedy(stage: Stage, name: str) -> None:
    app = stage.client("stock", settings=MISTAKES[name].client)
    with running(app):
        assert begin(app).status == 500

    assert "sso_consumer" not in app.said()


@pytest.mark.parametrize("changed", ["server", "client"])
def test_where_only_one_side_is_changed_the_one_that_can_mend_it_is_told_how(
    stage: Stage, changed: str
) -> None:
    of = {side: "kit" if side == changed else "stock" for side in ("server", "client")}
    server = stage.server(of["server"])
    app = stage.client(of["client"], server=server)
    with running(server, app):
        page = begin(app)

    if changed == "server":  # stock's client knows no pages for that
        assert page.status == 500
        assert "sso_consumer my_application --legacy" in server.said()
        server.manage("sso_consumer", "my_application", "--legacy")
    else:
        assert page.status == 400, gist(page)
        assert "legacy_server=True" in app.said()
        urls = app.file("urls.py")
        with_it = "settings.SSO_PRIVATE_KEY, legacy_server=True)"
        urls.write_text(urls.read_text().replace("settings.SSO_PRIVATE_KEY)", with_it))
    with running(server, app):
        assert sign_in(app).person["user"] == "alice"


@pytest.mark.parametrize("side", ["server", "client"])
def test_an_app_that_is_forgotten_in_installed_apps_is_said_as_the_project_begins(
    stage: Stage, side: str
) -> None:
    project = (stage.server if side == "server" else stage.client)("kit")
    settings = project.file("settings.py")
    settings.write_text(settings.read_text().replace(f"    'sso_kit.{side}',\n", ""))

    code, said = project.try_to_manage("check")

    assert code
    assert f"sso_kit.{side}" in said
    assert "INSTALLED_APPS" in said


A_TEST = """
from django.test import TestCase


class Index(TestCase):
    def test_it_wants_somebody(self):
        self.assertEqual(self.client.get('/').status_code, 302)
"""


@pytest.mark.parametrize("settings", ["", IN_PRODUCTION], ids=["DEBUG", "production"])
def test_nothing_stops_a_projects_own_tests_and_migrations(stage: Stage, settings: str) -> None:
    for flavour in FLAVOURS:
        app = stage.client(flavour, settings=settings, files={"tests.py": A_TEST})
        assert "OK" in app.manage("test")
        assert "No migrations to apply" in app.manage("migrate")
        assert "no issues" in app.manage("check")


def test_before_a_deployment_what_is_missing_is_listed(stage: Stage) -> None:
    app = stage.client("kit", settings=IN_PRODUCTION)

    code, said = app.try_to_manage("check", "--deploy")

    assert code
    assert "sso_kit.E011" in said


@pytest.mark.parametrize("side", ["server", "client"])
@pytest.mark.parametrize("settings", ["", IN_PRODUCTION], ids=["DEBUG", "production"])
def test_who_forgot_to_migrate_is_told_in_the_log_of_that_side(
    stage: Stage, side: str, settings: str
) -> None:
    server = stage.server("kit")
    server.manage("sso_consumer", "my_application", "--origin", "http://127.0.0.1:8001")
    app = stage.client("kit", server=server)
    at_home = f"SSO_KIT = {{'BASE_URL': 'http://127.0.0.1:8001'}}\n{settings}" if settings else ""
    app.set(at_home.replace("8001", str(app.port)))
    server.manage("sso_consumer", "my_application", "--origin", app.url)
    server.set(settings)
    forgetful = server if side == "server" else app
    forgetful.manage("migrate", f"sso_kit_{side}", "zero")

    with running(server, app), pytest.raises(AssertionError, match="503"):
        sign_in(app)

    assert "is missing. Remedy: Run: python manage.py migrate" in forgetful.said()


@pytest.mark.parametrize("side", ["server", "client"])
def test_the_app_may_come_before_the_import_and_go_after_it(stage: Stage, side: str) -> None:
    """In small steps: install and migrate; change the import; and the same way back."""
    project = (stage.server if side == "server" else stage.client)("kit")
    stock, kit = tutorial.MODULES[side]
    urls = project.file("urls.py")
    urls.write_text(urls.read_text().replace(kit, stock))

    code, said = project.try_to_manage("check")

    assert code == 0
    assert ("sso_kit.W024" if side == "client" else "sso_kit.W027") in said
    assert "Unapplying" in project.manage("migrate", f"sso_kit_{side}", "zero")
    assert "Applying" in project.manage("migrate")


AT_FRONT = CLIENT_URLS.replace("path('client/', include", "path('', include")


def test_a_client_at_the_front_page_is_named_as_what_goes_round_for_ever(stage: Stage) -> None:
    stock, kit = (
        stage.client(
            flavour, urls=AT_FRONT, settings="LOGIN_URL = '/'\nSESSION_COOKIE_NAME = 'ours'"
        )
        for flavour in FLAVOURS
    )
    with running(stock), pytest.raises(OSError, match="more than 15 hops"):
        sign_in(stock, start="/")

    code, said = kit.try_to_manage("check")

    assert code == 0
    assert "sso_kit.W028" in said
