"""``manage.py sso_consumer``: the one way to a private key, and to everything about a consumer."""

from __future__ import annotations

import stat
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from simple_sso.sso_server.models import Consumer

from sso_kit.keys import fingerprint
from tests.kit.consumers import policy_of
from tests.kit.logged import event
from tests.kit.urls import APP_URL, PRIVATE_KEY

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    said = StringIO()
    call_command("sso_consumer", *arguments, stdout=said)
    return said.getvalue()


def test_it_shows_a_consumer_without_its_key(app: Consumer) -> None:
    said = run("app")

    assert app.public_key in said
    assert fingerprint(PRIVATE_KEY) in said
    assert APP_URL in said
    assert "hardened messages" in said
    assert PRIVATE_KEY not in said


def test_an_unknown_one_is_named_with_those_that_exist(app: Consumer) -> None:
    with pytest.raises(CommandError, match="No consumer 'ap'; there are: app"):
        run("ap")


def test_it_makes_one_on_request_with_the_strictest_policy() -> None:
    said = run("new", "--create")

    policy = policy_of(Consumer.objects.get(name="new"))
    assert (policy.origins, policy.granted, policy.legacy) == ([], [], False)
    assert "origins none" in said


def test_making_it_twice_makes_one() -> None:
    run("new", "--create")
    run("new", "--create")

    assert Consumer.objects.count() == 1


def test_origins_are_added_once_each(app: Consumer) -> None:
    run("app", "--origin", "https://one.example", "--origin", "https://two.example:8443")
    run("app", "--origin", "https://one.example")

    assert policy_of(app).origins == [APP_URL, "https://one.example", "https://two.example:8443"]


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "app.example",
        "ftp://app.example",
        "https://u@app.example",
        "https://*.example",
        "javascript:alert(1)",
    ],
)
def test_an_origin_that_is_none_is_refused_and_nothing_changed(app: Consumer, origin: str) -> None:
    with pytest.raises(CommandError):
        run("app", "--legacy", "--rotate-key", f"--origin={origin}")

    app.refresh_from_db()
    assert app.private_key == PRIVATE_KEY
    assert (policy_of(app).legacy, policy_of(app).origins) == (False, [APP_URL])


def test_the_legacy_mark_is_set_and_taken(app: Consumer) -> None:
    assert "stock and hardened" in run("app", "--legacy")
    assert policy_of(app).legacy

    assert "stock" not in run("app", "--modern")
    assert not policy_of(app).legacy


def test_looking_does_not_take_the_mark(app: Consumer) -> None:
    run("app", "--legacy")
    run("app")

    assert policy_of(app).legacy


@pytest.mark.parametrize("flags", [("--legacy", "--modern"), ("--rotate-key", "--revoke-key")])
def test_contradictions_are_refused(app: Consumer, flags: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match="not allowed with"):
        run("app", *flags)


def test_the_key_is_rotated_with_the_overlap_asked_for(app: Consumer) -> None:
    run("app", "--rotate-key", "--overlap", "60")

    assert list(policy_of(app).private_keys())[1] == PRIVATE_KEY


@pytest.mark.parametrize("overlap", ["0", "-5"])
def test_no_overlap_means_none(app: Consumer, overlap: str) -> None:
    run("app", "--rotate-key", f"--overlap={overlap}")

    assert len(list(policy_of(app).private_keys())) == 1


@pytest.mark.parametrize("overlap", ["soon", "1.5", "", "9" * 12, "9" * 30])
def test_an_overlap_that_is_none_is_refused_and_the_key_stays(app: Consumer, overlap: str) -> None:
    with pytest.raises(CommandError):
        run("app", "--rotate-key", f"--overlap={overlap}")

    app.refresh_from_db()
    assert app.private_key == PRIVATE_KEY


def test_the_key_is_revoked_at_once(app: Consumer) -> None:
    run("app", "--revoke-key")

    assert PRIVATE_KEY not in list(policy_of(app).private_keys())


def test_the_key_goes_to_a_file_for_its_owner_only(app: Consumer, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("of old")
    file.chmod(0o644)

    said = run("app", "--rotate-key", "--write-key", str(file))

    app.refresh_from_db()
    assert file.read_text() == app.private_key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert app.private_key not in said


def test_a_link_in_the_files_place_is_not_followed(app: Consumer, tmp_path: Path) -> None:
    elsewhere, file = tmp_path / "elsewhere", tmp_path / "key"
    elsewhere.write_text("precious")
    file.symlink_to(elsewhere)

    run("app", "--write-key", str(file))

    assert elsewhere.read_text() == "precious"
    assert file.read_text() == PRIVATE_KEY


@pytest.mark.parametrize("place", [".", "missing/key"])
def test_a_place_that_cannot_be_written_is_named_and_the_key_stays(
    app: Consumer, tmp_path: Path, place: str
) -> None:
    with pytest.raises(CommandError, match="Can't write the key"):
        run("app", "--rotate-key", "--write-key", str(tmp_path / place))

    app.refresh_from_db()
    assert app.private_key == PRIVATE_KEY


def test_who_did_what_is_logged(
    app: Consumer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Any,
) -> None:
    monkeypatch.setenv("LOGNAME", "olga")

    with django_capture_on_commit_callbacks(execute=True):
        run("app", "--legacy", "--origin", "https://one.example", "--revoke-key")

    said = {event(record): vars(record) for record in caplog.records}
    assert said["key rotated"]["by"] == "olga (command line)"
    assert said["consumer changed by command"]["by"] == "olga (command line)"
    assert said["consumer changed by command"]["changes"] == [
        "legacy",
        "origin https://one.example",
    ]


def test_fetching_a_key_is_logged_and_looking_is_not(
    app: Consumer,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        run("app")
    assert not caplog.records

    with django_capture_on_commit_callbacks(execute=True):
        run("app", "--write-key", str(tmp_path / "key"))

    assert [vars(record)["changes"] for record in caplog.records] == [["write key"]]
    assert PRIVATE_KEY not in caplog.text


def test_a_user_without_a_name_is_no_obstacle(
    app: Consumer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Any,
) -> None:
    """In a container the user id may be in no list of users."""

    def unknown() -> str:
        raise KeyError("uid not found: 10001")

    monkeypatch.setattr("getpass.getuser", unknown)

    with django_capture_on_commit_callbacks(execute=True):
        run("app", "--modern")

    assert [vars(record)["by"] for record in caplog.records] == ["command line"]
