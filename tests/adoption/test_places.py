"""Where projects are: names, prefixes, languages, walls, several clients, sessions, databases."""

from __future__ import annotations

import re

import pytest

from tests.adoption.conftest import Both
from tests.adoption.journeys import Arrived, arrived, fill_in, sign_in
from tests.adoption.light import Light
from tests.adoption.serving import serve_asgi
from tests.adoption.stage import CLIENT_URLS, FLAVOURS, PAGES, Stage, running
from tests.interop import tutorial
from tests.support.browser import Browser
from tests.support.process import Failed

ANY_HOST = "ALLOWED_HOSTS = ['*']"


def at(app: Light, host: str) -> str:
    return f"http://{host}:{app.port}"


@pytest.mark.parametrize("host", ["192.168.7.20", "10.1.2.3", "0.0.0.0", "app.local", "notes.test"])
def test_a_project_is_developed_under_an_address_of_the_office(stage: Stage, host: str) -> None:
    for flavour in FLAVOURS:
        app = stage.client(flavour, settings=ANY_HOST)
        with running(app):
            there = sign_in(at(app, host))
        assert (there.person["user"], there.path) == ("alice", "/?page=2")


def test_under_a_name_of_a_hosts_file_one_line_makes_it_work_and_is_said(stage: Stage) -> None:
    stock, kit = (stage.client(flavour, settings=ANY_HOST) for flavour in FLAVOURS)
    with running(stock):
        before = sign_in(at(stock, "client1.app.com"))
    server = stage.server("kit")
    kit.set(f"SSO_SERVER = '{server.url}/server/'")
    with running(server, kit):
        refused = Browser().get(f"{at(kit, 'client1.app.com')}/?page=2")
        (line,) = set(
            re.findall(r"python manage\.py (sso_consumer [^\n]*?/authenticate/)", server.said())
        )
        server.manage(*line.split())
        after = sign_in(at(kit, "client1.app.com"))

    assert refused.status == 400
    assert line.split()[1:2] == ["my_application"]
    assert line in refused.body
    assert line in kit.said()
    assert after.seen == before.seen


BEHIND_A_PROXY = """
from django.core.wsgi import get_wsgi_application

django = get_wsgi_application()


def application(environ, start_response):
    assert environ['PATH_INFO'].startswith('/portal/'), 'not for this project'
    environ['PATH_INFO'] = environ['PATH_INFO'].removeprefix('/portal')
    environ['SCRIPT_NAME'] = {told!r}
    return django(environ, start_response)
"""
PREFIXED = {
    "SCRIPT_NAME": ("/portal", "LOGIN_URL = 'simple-sso-login'"),
    "FORCE_SCRIPT_NAME": ("", "LOGIN_URL = '/portal/client/'\nFORCE_SCRIPT_NAME = '/portal'"),
}


@pytest.mark.parametrize(("told", "settings"), PREFIXED.values(), ids=PREFIXED)
def test_a_project_under_a_prefix_of_its_host(stage: Stage, told: str, settings: str) -> None:
    files = {"wsgi.py": BEHIND_A_PROXY.replace("{told!r}", repr(told))}
    before, after = (
        sign_in_at(stage.client(flavour, settings=settings, files=files), "/portal/?page=2")
        for flavour in FLAVOURS
    )

    assert (before.person["user"], before.path) == ("alice", "/portal/?page=2")
    assert after.seen == before.seen


def sign_in_at(app: Light, start: str = "/?page=2") -> Arrived:
    with running(app):
        return sign_in(app, start=start)


MOUNTS = {
    "at the root": (
        "path('', include(test_client.get_urls())), path('home/', home),",
        "LOGIN_URL = '/'",
        "/home/?page=2",
    ),
    "deep down": (
        "path('a/b/c/sso/', include(test_client.get_urls())), path('', home),",
        "LOGIN_URL = '/a/b/c/sso/'",
        "/?page=2",
    ),
    "by a pattern": (
        "re_path(r'^accounts/sso/', include(test_client.get_urls())), path('', home),",
        "LOGIN_URL = '/accounts/sso/'",
        "/?page=2",
    ),
    "by the view's name": (
        "path('client/', include(test_client.get_urls())), path('', home),",
        "LOGIN_URL = 'simple-sso-login'",
        "/?page=2",
    ),
    "with a language before it": (
        "*i18n_patterns(path('client/', include(test_client.get_urls())), path('', home)),",
        "LOGIN_URL = 'simple-sso-login'\nUSE_I18N = True\n"
        "MIDDLEWARE.insert(2, 'django.middleware.locale.LocaleMiddleware')",
        "/de/?page=2",
    ),
}
MOUNTED = """
from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path, re_path
from my_client.pages import home, whoami
{code}

urlpatterns = [
    path('admin/', admin.site.urls),
    path('whoami/', whoami),
    {mount}
]
"""


@pytest.mark.parametrize(("mount", "settings", "start"), MOUNTS.values(), ids=MOUNTS)
def test_a_client_is_found_wherever_a_project_has_it(
    stage: Stage, mount: str, settings: str, start: str
) -> None:
    urls = MOUNTED.replace("{mount}", mount)
    before, after = (
        sign_in_at(stage.client(flavour, settings=settings, urls=urls), start)
        for flavour in FLAVOURS
    )

    assert (before.person["user"], before.path) == ("alice", start)
    assert after.seen == before.seen


WALL = "MIDDLEWARE.append('django.contrib.auth.middleware.LoginRequiredMiddleware')"


def test_behind_a_wall_stock_goes_round_for_ever_and_the_kit_signs_in(stage: Stage) -> None:
    stock, kit = (stage.client(flavour, settings=WALL) for flavour in FLAVOURS)
    with running(stock), pytest.raises(OSError, match="more than 15 hops"):
        Browser().get(f"{stock.url}/")

    there = sign_in_at(kit)

    assert (there.person["user"], there.path) == ("alice", "/?page=2")


def test_a_server_behind_a_wall_answers_its_apps_with_the_kit_only(stage: Stage) -> None:
    open_log_in = "LOGIN_URL = '/login/'"
    for flavour in FLAVOURS:
        server = stage.server(flavour, settings=f"{WALL}\n{open_log_in}")
        app = stage.client(flavour, server=server)
        with running(server, app):
            if flavour == "stock":
                assert Browser().get(f"{app.url}/").status == 500
            else:
                assert sign_in(app).person["user"] == "alice"


ASYNC = PAGES.replace(
    "home = login_required(whoami)",
    """@login_required
async def home(request):
    return await sync_to_async(whoami)(request)
""",
).replace("from django.http", "from asgiref.sync import sync_to_async\nfrom django.http")


def test_an_async_page_that_wants_somebody(both: Both) -> None:
    before, after = both(files={"pages.py": ASYNC})

    assert (before.person["user"], before.path) == ("alice", "/?page=2")
    assert after.seen == before.seen


TWO = """
from simple_sso.sso_client.client import Client

test_client = Client(settings.SSO_SERVER, settings.SSO_PUBLIC_KEY, settings.SSO_PRIVATE_KEY)
second_client = Client(settings.SSO_SERVER, 'public2', 'private2')
"""
TWO_URLS = CLIENT_URLS.replace(
    "path('client/', include(test_client.get_urls())),",
    "path('client/', include(test_client.get_urls())), "
    "path('second/', include(second_client.get_urls())),",
)


def test_of_two_clients_in_a_project_stock_has_one_and_the_kit_both(stage: Stage) -> None:
    stock, kit = (stage.client(flavour, code=TWO, urls=TWO_URLS) for flavour in FLAVOURS)
    with running(stock):
        assert sign_in(stock, start="/second/?next=/whoami/").person["user"] == "alice"
        browser = Browser()
        form = browser.get(f"{stock.url}/client/?next=/whoami/")
        assert fill_in(browser, form).status == 500  # at the other one's address

    with running(kit):
        for path in ("client", "second"):
            there = sign_in(kit, start=f"/{path}/?next=/whoami/")
            assert (there.person["user"], there.path) == ("alice", "/whoami/")


BOTH_ENDS = """
from django.contrib.auth.views import LoginView as FormView
from simple_sso.sso_client.client import Client
from simple_sso.sso_server.server import Server

test_server = Server(auth_view_name='login')
test_client = Client(settings.SSO_SERVER, settings.SSO_PUBLIC_KEY, settings.SSO_PRIVATE_KEY)
"""
BOTH_URLS = CLIENT_URLS.replace(
    "path('admin/', admin.site.urls),",
    "path('admin/', admin.site.urls), path('{root}', include(test_server.get_urls())), "
    "path('login/', FormView.as_view(template_name='admin/login.html'), name='login'),",
)


def test_a_project_that_is_server_and_client_at_once(stage: Stage) -> None:
    """With stock only where the server is at the root: it doubles any other path."""
    seen = []
    for flavour, root in (("stock", ""), ("kit", ""), ("kit", "server/")):
        urls = BOTH_URLS.replace("{root}", root)
        project = stage.client(flavour, code=BOTH_ENDS, urls=urls)
        project.set(f"SSO_SERVER = '{project.url}/{root}'")
        project.install("simple_sso.sso_server")
        if flavour == "kit":
            project.install("sso_kit.server")
            tutorial.change_imports("server", project)
        project.manage("migrate", "-v0")
        project.manage("shell", "-v0", "-c", BOTH_PEOPLE)
        seen.append(sign_in_at(project).seen)

    assert seen[0][0]["user"] == "alice"
    assert seen[0] == seen[1] == seen[2]


BOTH_PEOPLE = """
from django.contrib.auth.models import User
from simple_sso.sso_server.models import Consumer
Consumer.objects.create(public_key='public', private_key='private', name='my_application')
User.objects.create_user('alice', 'alice@example.com', 'her password')
"""

CACHE = "CACHES = {'default': {'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'}}\n"
SESSIONS = {
    "cache": f"{CACHE}SESSION_ENGINE = 'django.contrib.sessions.backends.cache'",
    "cached_db": f"{CACHE}SESSION_ENGINE = 'django.contrib.sessions.backends.cached_db'",
    "file": "SESSION_ENGINE = 'django.contrib.sessions.backends.file'\n"
    "SESSION_FILE_PATH = BASE_DIR",
    "signed_cookies": "SESSION_ENGINE = 'django.contrib.sessions.backends.signed_cookies'\n"
    "SILENCED_SYSTEM_CHECKS = ['sso_kit.E029']",
}


@pytest.mark.parametrize("settings", SESSIONS.values(), ids=SESSIONS)
def test_sessions_are_kept_in_each_of_djangos_ways_at_both_ends(
    stage: Stage, settings: str
) -> None:
    for flavour in FLAVOURS:
        server = stage.server(flavour, settings=settings)
        own = f"{settings}\nSESSION_COOKIE_NAME = 'ours'"
        app = stage.client(flavour, settings=own, server=server)
        with running(server, app):
            there = sign_in(app)
            again = there.browser.get(f"{app.url}/")
        assert there.person["user"] == "alice"
        assert arrived(there.browser, again).person["user"] == "alice"


def test_sessions_that_nobody_can_end_are_refused_with_what_to_do(stage: Stage) -> None:
    app = stage.client("kit", settings=SESSIONS["signed_cookies"].splitlines()[0])

    with pytest.raises(Failed) as refused, running(app):
        pass

    assert "(sso_kit.E029) Sessions in signed cookies can't be ended" in str(refused.value)
    assert 'SESSION_ENGINE = "sso_kit.contrib.sessions"' in str(refused.value)


ROUTER = """
class Elsewhere:
    def db_for_read(self, model, **hints):
        return 'people' if model._meta.app_label != 'sessions' else 'default'

    db_for_write = db_for_read

    def allow_migrate(self, db, app_label, **hints):
        return (db == 'default') == (app_label == 'sessions')
"""
TWO_DATABASES = """
DATABASES['people'] = {'ENGINE': 'django.db.backends.sqlite3', 'NAME': BASE_DIR / 'people.sqlite3'}
DATABASE_ROUTERS = ['my_client.router.Elsewhere']
"""


def test_a_router_has_people_in_another_database(stage: Stage) -> None:
    seen = []
    for flavour in FLAVOURS:
        app = stage.client(flavour, settings=TWO_DATABASES, files={"router.py": ROUTER})
        (app.folder / "db.sqlite3").unlink()
        for name in ("default", "people"):
            app.manage("migrate", "-v0", f"--database={name}")
        with running(app):
            seen.append(sign_in(app).seen)
            assert sign_in(app).seen == seen[-1]

    assert seen[0][0]["user"] == "alice"
    assert seen[0] == seen[1]


@pytest.mark.parametrize("pages", [PAGES, ASYNC], ids=["sync pages", "async pages"])
def test_both_ends_run_under_asgi(stage: Stage, pages: str) -> None:
    seen = []
    for flavour in FLAVOURS:
        server = stage.server(flavour)
        app = stage.client(flavour, files={"pages.py": pages}, server=server)
        server.serve = app.serve = serve_asgi
        with running(server, app):
            seen.append(sign_in(app).seen)

    assert seen[0] == seen[1]
    assert (seen[0][0]["user"], seen[0][1]) == ("alice", "/?page=2")
