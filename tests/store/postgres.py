"""A PostgreSQL of one's own: it lives while a ``with`` lasts, and nobody else reaches it.

The programs of this machine, else Docker's ``postgres:17`` where that is there already. A
shell holds the server on a leash: it ends it when its own input ends, hence also when this
process is killed.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lab.machine import waiting

IMAGE = "postgres:17"
USER = "kit"
LEASH = 'trap "" INT; (trap - INT; exec "$@") & read _; kill -INT $!; wait $!'
FAST = [f"-c{name}=off" for name in ("fsync", "full_page_writes", "synchronous_commit")]
PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")
PATIENCE_SECONDS = 60
ABSENT = (
    "no PostgreSQL here: install it (Debian: apt-get install postgresql; it need not run), "
    f"or start Docker and docker pull {IMAGE}"
)


class NoPostgres(Exception):
    """There is none to be had; the text says what to install."""


def is_here() -> bool:
    return _programs() is not None or _docker_has_it()


@contextmanager
def running() -> Iterator[dict[str, str]]:
    """What ``project.settings`` wants in the environment. Raises ``NoPostgres``."""
    if programs := _programs():
        server = _on_a_socket(programs)
    elif _docker_has_it():
        server = _in_a_container()
    else:
        raise NoPostgres(ABSENT)
    with server as variables:
        yield variables


@contextmanager
def _on_a_socket(programs: Path) -> Iterator[dict[str, str]]:
    """A server that listens on a Unix socket only, in a folder that only its user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="sso-kit-pg-"))
    user = _not_root()
    if user:
        shutil.chown(folder, user)
    try:
        data = str(folder / "data")
        make = [programs / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8"]
        _run([*map(str, make), "--locale=C", "--no-sync"], user)
        serve = [str(programs / "postgres"), "-D", data, "-k", str(folder), "-h", "", *FAST]
        with _leashed(serve, [str(programs / "pg_isready"), "-q", "-h", str(folder)], user):
            yield {"STORE_POSTGRES": str(folder)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _in_a_container() -> Iterator[dict[str, str]]:
    """A container that this machine alone reaches, by a password, and that leaves nothing."""
    name, password = f"sso-kit-pg-{secrets.token_hex(6)}", secrets.token_hex(16)
    known = {"POSTGRES_USER": USER, "POSTGRES_DB": "postgres", "POSTGRES_PASSWORD": password}
    says = [f"--env={key}={value}" for key, value in known.items()]
    kept = ["--rm", "--pull=never", f"--name={name}", "--publish=127.0.0.1::5432"]
    run = ["docker", "run", *kept, *says, IMAGE, *FAST]
    # It listens on an address only once it has made itself.
    ready = ["docker", "exec", name, "pg_isready", "-q", "-h", "127.0.0.1"]
    with _leashed(run, ready, None):
        address = _run(["docker", "port", name, "5432/tcp"], None).split()[0]
        yield {"STORE_POSTGRES": address, "STORE_POSTGRES_PASSWORD": password}


@contextmanager
def _leashed(command: Sequence[str], ready: Sequence[str], user: str | None) -> Iterator[None]:
    """Run a server from when ``ready`` succeeds until the ``with`` ends."""
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(
            ["sh", "-c", LEASH, "leash", *command],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd="/",
            **_as(user),
        )
        try:
            _wait_until(ready, server)
            yield
        except TimeoutError as error:
            log.seek(0)
            raise AssertionError(f"{command[0]}: {error}\n{log.read()[-3000:]}") from error
        finally:
            server.communicate(timeout=PATIENCE_SECONDS)


def _wait_until(ready: Sequence[str], server: subprocess.Popen[bytes]) -> None:
    def settled() -> bool:
        answers = subprocess.run(ready, capture_output=True, check=False).returncode == 0
        return answers or server.poll() is not None

    if not waiting.until(settled, PATIENCE_SECONDS) or server.poll() is not None:
        raise TimeoutError("it didn't start")


def _programs() -> Path | None:
    """The folder of the newest PostgreSQL's programs; Debian's aren't on the PATH."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve().parent] if on_path else []
    found += [folder for place in PLACES for folder in sorted(Path("/").glob(place[1:]))[::-1]]
    wanted = ("initdb", "postgres", "pg_isready")
    return next((each for each in found if all((each / name).exists() for name in wanted)), None)


def _docker_has_it() -> bool:
    if shutil.which("docker") is None:
        return False
    try:
        command = ["docker", "image", "inspect", IMAGE]
        return subprocess.run(command, capture_output=True, timeout=20).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def _not_root() -> str | None:
    """Whom to run as where we are root, which PostgreSQL refuses to be."""
    if os.geteuid() != 0:
        return None
    known = {each.pw_name for each in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


def _as(user: str | None) -> dict[str, Any]:
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}


def _run(command: Sequence[str], user: str | None) -> str:
    done: subprocess.CompletedProcess[str] = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd="/", **_as(user)
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout
