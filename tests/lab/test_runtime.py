"""A whole lab of the local runtime: what starts, dies, comes back and is left behind."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import secrets
from lab.machine import ports, system, waiting
from lab.place import Place
from lab.runtimes import leftovers, ready
from lab.runtimes.local import Local
from lab.table import ROOT
from tests.support import instance, making
from tests.support.instance import Instance

pytestmark = pytest.mark.skipif(system.nginx_program() is None, reason="nginx isn't installed")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with instance.running(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture
def lab(shared: Instance) -> Instance:
    """The module's lab, all of it up whatever the test before did."""
    shared.wait_ready()
    return shared


def command(
    lab: Instance, verb: str, fed: str | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    names = {"LAB_STATE": str(lab.state), "LAB_PORT": str(lab.port), "RUNTIME": "local"}
    return subprocess.run(
        [sys.executable, "-m", "lab", verb],
        cwd=ROOT,
        env=os.environ | names | variables,
        input=fed,
        capture_output=True,
        text=True,
    )


def local(lab: Instance) -> Local:
    return Local(Place(lab.state, lab.port))


def test_every_site_answers_through_nginx(lab: Instance) -> None:
    assert ready.not_ready(lab.port) == {}


def test_up_again_changes_nothing_and_prints_no_secret(lab: Instance) -> None:
    before = local(lab).pids("server")[0]

    result = command(lab, "up")

    assert result.returncode == 0, result.stderr
    assert local(lab).pids("server")[0] == before
    keys = secrets.read(lab.state).values()
    assert not [key for key in keys if key in result.stdout + result.stderr]


def test_up_without_runtime_keeps_the_one_that_is_up(lab: Instance) -> None:
    before = local(lab).pids("server")[0]

    result = command(lab, "up", RUNTIME="")

    assert "Runtime: local (as the lab is up;" in result.stdout
    assert local(lab).pids("server")[0] == before


def test_up_restarts_a_lab_of_which_nobody_knows_what_it_was_started_with(lab: Instance) -> None:
    before = local(lab).pids("server")[0]
    (lab.state / "run" / "stamp").unlink()

    result = command(lab, "up")

    assert result.returncode == 0, result.stderr
    assert "restarting it" in result.stdout
    assert local(lab).pids("server")[0] != before


def test_up_says_where_everything_is_and_who_can_sign_in(lab: Instance) -> None:
    shown = command(lab, "up").stdout

    assert all(url in shown for url in lab.urls.values())
    assert re.search(r"alice +alice-in-the-lab", shown)


@pytest.mark.parametrize("service", ["client-a", "nginx"])
def test_a_killed_process_comes_back(lab: Instance, service: str) -> None:
    before = local(lab).pids(service)

    os.kill(before[0], signal.SIGKILL)

    def is_back() -> bool:
        after = local(lab).pids(service)
        return bool(after) and not {*before} & {*after} and not ready.not_ready(lab.port)

    assert waiting.until(is_back, 20)


def test_a_stopped_site_is_named_by_status(lab: Instance) -> None:
    lab.stop("client-b")

    result = command(lab, "status")

    lab.start("client-b")
    assert result.returncode == 1
    assert re.search(r"client-b +stopped", result.stdout)


def test_another_lab_on_the_same_port_is_told_who_is_there(lab: Instance, tmp_path: Path) -> None:
    result = command(lab, "up", LAB_STATE=str(tmp_path))

    assert result.returncode == 1
    assert f"Port {lab.port} is taken by nginx (pid" in result.stderr
    assert "LAB_PORT=" in result.stderr


def test_a_management_commands_words_output_and_exit_code_are_its_own(lab: Instance) -> None:
    code = "import sys; print('a  b', '$HOME', '`id`', '\\n'.isspace()); sys.exit(3)"

    result = command(lab, "manage", SITE="client-a", ARGS=f'shell --no-imports -c "{code}"')

    assert (result.returncode, result.stdout) == (3, "a  b $HOME `id` True\n")


def test_a_management_command_reads_what_is_piped_in(lab: Instance) -> None:
    group = '[{"model": "auth.group", "fields": {"name": "piped in"}}]'

    result = command(lab, "manage", fed=group, SITE="client-a", ARGS="loaddata --format=json -")

    assert "Installed 1 object(s)" in result.stdout, result.stderr


@pytest.mark.parametrize(
    ("site", "arguments", "complaint"),
    [
        ("", "check", "SITE is missing"),
        ("sever", "check", "There is no Django site sever"),
        ("nginx", "check", "SITE is one of desk, server, client-a, client-b"),
        ("server", "", "ARGS=help lists the commands"),
        ("server", "shell -c 'half", "ARGS can't be read: No closing quotation"),
    ],
)
def test_a_management_command_that_cannot_be_is_explained(
    lab: Instance, site: str, arguments: str, complaint: str
) -> None:
    result = command(lab, "manage", SITE=site, ARGS=arguments)

    assert result.returncode == 1
    assert complaint in result.stderr


def test_a_site_goes_by_any_of_its_names(lab: Instance) -> None:
    code = "from django.conf import settings; print(settings.SITE.name)"
    for word in ("client_b", "Helpdesk"):
        result = command(lab, "manage", SITE=word, ARGS=f"shell -v0 -c '{code}'")
        assert result.stdout.strip() == "client-b", word + result.stderr


@making.needs_make
def test_make_hands_the_words_on_as_they_are() -> None:
    """Nobody expands them on the way: not make, not its shell."""
    words = "shell -c \"print('$HOME $(SITE) `id`')\" 'a b' \\n"

    command = shlex.join(["make", "manage", "SITE=server", f"ARGS={words}"])

    assert making.arguments_of(command) == words


def test_reset_brings_back_the_first_day(lab: Instance) -> None:
    lab.manage("server", "shell", "-c", forget_alice())

    result = command(lab, "reset")

    assert result.returncode == 0, result.stderr
    assert ready.not_ready(lab.port) == {}
    assert "True" in lab.manage("server", "shell", "-c", is_alice_there())


def test_nobody_else_can_read_a_database_or_a_log(lab: Instance) -> None:
    files = [path for folder in ("data", "log") for path in (lab.state / folder).iterdir()]

    assert {path.suffix for path in files} >= {".sqlite3", ".log"}
    assert [path.name for path in files if is_open_to_others(path)] == []


def test_a_database_that_others_could_read_is_closed_to_them_by_the_next_start(
    lab: Instance,
) -> None:
    database = lab.state / "data" / "client_b.sqlite3"
    lab.stop("client-b")
    database.chmod(0o644)

    lab.start("client-b")

    assert database.stat().st_mode & 0o777 == 0o600


def test_a_start_minds_no_file_of_another_sites_database(lab: Instance) -> None:
    """One that vanished between being listed and being closed had stopped the fourth site."""
    lab.stop("client-b")
    vanished = lab.state / "data" / "server_site.sqlite3-journal.gone"
    vanished.symlink_to(lab.state / "nowhere")

    try:
        lab.start("client-b")
        assert ready.not_ready(lab.port) == {}
    finally:
        vanished.unlink()


def test_a_site_that_cannot_start_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    where = Place(tmp_path / "state", ports.free())
    where.make_folders()
    (where.data / "client_b.sqlite3").write_text("this is no database " * 100)

    result = subprocess.run(
        [sys.executable, "-m", "lab", "up"],
        cwd=ROOT,
        env=os.environ
        | {"LAB_STATE": str(where.state), "LAB_PORT": str(where.port), "RUNTIME": "local"},
        capture_output=True,
        text=True,
    )
    Local(where).down()

    assert result.returncode == 1
    assert "client-b stopped while starting" in result.stderr
    assert "file is not a database" in result.stderr


def test_what_a_killed_supervisor_leaves_is_ended_by_down(tmp_path: Path) -> None:
    with instance.running(tmp_path / "state") as lab:
        os.kill(local(lab).supervisor.pid(), signal.SIGKILL)

        result = command(lab, "down")

        assert "Ending what a killed lab left" in result.stdout
        assert ports.is_free(lab.port)


def test_nothing_is_left_when_the_process_that_started_a_lab_is_killed(tmp_path: Path) -> None:
    state = tmp_path / "state"
    program = (
        "import os, sys, pathlib; from tests.support import instance\n"
        "with instance.running(pathlib.Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    )

    killed = subprocess.run([sys.executable, "-c", program, str(state)], cwd=ROOT)

    assert killed.returncode == -signal.SIGKILL
    assert waiting.until(lambda: not leftovers.find(Place(state, 0)), 20)


def test_a_very_deep_folder_works(tmp_path: Path) -> None:
    """A Unix socket's path has room for 107 bytes only."""
    deep = tmp_path / ("a-folder-with-a-long-name-" * 5)

    with instance.running(deep) as lab:
        assert ready.not_ready(lab.port) == {}


def is_open_to_others(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & 0o077)
    except FileNotFoundError:  # SQLite deletes its journals when it is done with them
        return False


def forget_alice() -> str:
    return (
        "from django.contrib.auth import get_user_model as model;"
        "model().objects.filter(username='alice').delete()"
    )


def is_alice_there() -> str:
    return (
        "from django.contrib.auth import get_user_model as model;"
        "print(model().objects.filter(username='alice').exists())"
    )
