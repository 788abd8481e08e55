"""A row of lab.toml that makes no sense is refused, with the cause and the fix."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lab import environment, secrets, table
from lab.errors import LabError
from lab.kinds import KINDS

# A table of its own: the lab's may have any row that these add.
TOML = """
[lab]
port = 8080

[sites.server]
kind = "identity"
host = "sso.localhost"
title = "Identity"
about = "Who you are"

[sites.client-a]
kind = "app"
host = "app-a.localhost"
title = "Notes"
about = "Your notes"

[people]
"""
ROW = """
[sites.client-c]
kind = "app"
host = "app-c.localhost"
title = "Third"
about = "One more"
"""


def load(tmp_path: Path, row: str) -> table.Table:
    path = tmp_path / "lab.toml"
    path.write_text(TOML + row)
    return table.load(path)


def test_one_more_row_is_one_more_app_in_the_folder_of_its_name(tmp_path: Path) -> None:
    site = load(tmp_path, ROW).site("client-c")

    assert (site.package, site.prefix) == ("client_c", "CLIENT_C")
    assert site in load(tmp_path, ROW).clients


def test_a_row_may_name_another_folder(tmp_path: Path) -> None:
    assert load(tmp_path, ROW + 'package = "third"').site("client-c").package == "third"


@pytest.mark.parametrize(
    ("old", "new", "cause", "fix"),
    [
        ('"app"', '"ap"', "[sites.client-c]: kind = 'ap' is unknown", "one of identity, app,"),
        ('kind = "app"\n', "", "kind = 'missing' is unknown", "one of identity, app,"),
        ("title", "titel", "unknown: titel", "a row may have kind, host, title"),
        ('about = "One more"\n', "", "about missing", "as in the rows beside it"),
        ("client-c", "Client_C", "[sites.Client_C]: that is no name", "as in client-c"),
        ("client-c", "nginx", "[sites.nginx]: that is no name", "as in client-c"),
        ("app-c.localhost", "app c", "host = 'app c' is no host name", "app-c.localhost"),
        ("app-c.localhost", "app-a.localhost", "two have the host app-a.localhost", "its own"),
        ("Third", "notes", "two have the title notes", "give each its own title"),
        ('"app"', '"identity"', "there is one identity server", 'kind = "identity"'),
        ('kind = "app"', 'kind = "desk"\ngranted = ["groups"]', "desk is no consumer", "leave"),
        ('kind = "app"', "kind = app", "lab.toml can't be read: Invalid value", "mend that line"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused(
    tmp_path: Path, old: str, new: str, cause: str, fix: str
) -> None:
    with pytest.raises(LabError, match=re.escape(cause)) as caught:
        load(tmp_path, ROW.replace(old, new))

    assert fix in caught.value.fix


def test_a_person_with_an_unknown_field_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"\[people.eve\]: unknown: colour"):
        load(tmp_path, '[people.eve]\ncolour = "red"')


@pytest.mark.parametrize("word", ["client-a", "client_a", "Notes", "notes", "APP-A.localhost"])
def test_a_site_goes_by_any_of_its_names(tmp_path: Path, word: str) -> None:
    lab = load(tmp_path, ROW)

    assert lab.meant(word) == lab.site("client-a")


def test_no_other_word_means_a_site(tmp_path: Path) -> None:
    assert load(tmp_path, ROW).meant("tickets") is None


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (
            "app",
            {
                "SECRET_KEY",
                "SSO_PUBLIC_KEY",
                "SSO_PRIVATE_KEY",
                "SSO_BACK_CHANNEL_URL",
                "BACK_BIND",
            },
        ),
        ("desk", {"SECRET_KEY", "INSPECTOR_FOLDER", "INSIDE_URL"}),
        ("attacker", set()),
        ("foreign-app", {"SSO_BACK_CHANNEL_URL"}),
    ],
)
def test_a_kind_decides_what_a_site_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, told: set[str]
) -> None:
    lab = load(tmp_path, ROW.replace('"app"', f'"{kind}"'))
    monkeypatch.setattr(table, "load", lambda: lab)
    layout = environment.compose("8080")

    variables = environment.of_site(lab.site("client-c"), layout)

    for_all = {"SITE_PACKAGE", "BIND", "BASE_URL", "SSO_URL", "DATA_DIR", "LAB_PORT", "LAB_MODE"}
    assert {name.removesuffix("_FILE") for name in variables} - for_all == told
    servers = environment.of_site(lab.server, layout)
    assert ("CLIENT_C_PUBLIC_KEY_FILE" in servers) == KINDS[kind].is_consumer
    own = [name for name in secrets.names() if name.startswith("CLIENT_C_")]
    assert len(own) == sum(name.endswith("_KEY") for name in told)
