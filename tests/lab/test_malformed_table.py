"""A value of the wrong type, or a name that others go by, is refused as well as a missing one."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lab import table
from lab.errors import LabError
from lab.table import ROOT

TOML = (ROOT / "lab.toml").read_text()
ROW = (ROOT / "tests/lab/fourth_site/row.toml").read_text()
EVE = """
[people.eve]
password = "eve-in-the-lab"
first_name = "Eve"
last_name = "Evans"
email = "eve@lab.example"
about = "Both apps"
"""


def load(tmp_path: Path, row: str) -> table.Table:
    path = tmp_path / "lab.toml"
    path.write_text(TOML + row)
    return table.load(path)


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ('required_groups = "staff"', 'required_groups = ["one", "another"]'),
        ('granted = "groups"', 'granted = ["one", "another"]'),
        ("granted = [1]", 'granted = ["one", "another"]'),
        ("host = 5", 'host = "in quotes"'),
        ("title = 5", 'title = "in quotes"'),
        ("about = true", 'about = "in quotes"'),
        ("package = 5", 'package = "in quotes"'),
        ('kind = ["app"]', "one of identity, app,"),
        (r'title = "Th\nserver { listen 1; } #"', 'title = "in quotes"'),
        (f'about = "{"x" * 201}"', 'about = "in quotes"'),
        ('host = "-x-.localhost"', "as in app-c.localhost"),
        (f'host = "{"x" * 64}.localhost"', "as in app-c.localhost"),
        (f'host = "{"x." * 50}localhost"', "as in app-c.localhost"),
    ],
)
def test_a_value_of_another_type_is_refused(tmp_path: Path, line: str, fix: str) -> None:
    column = line.split()[0]
    rest = re.sub(rf"^{column} = .*\n", "", ROW, flags=re.MULTILINE)

    with pytest.raises(LabError, match=rf"\[sites\.client-c\]: {column} = .* is ") as caught:
        load(tmp_path, f"{rest}{line}\n")

    assert fix in caught.value.fix


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ('groups = "agents"', 'groups = ["one", "another"]'),
        ('active = "no"', "active = true"),
        ("superuser = 1", "superuser = true"),
    ],
)
def test_so_is_one_of_a_person(tmp_path: Path, line: str, fix: str) -> None:
    with pytest.raises(LabError, match=r"\[people\.eve\]: \w+ = .* is no ") as caught:
        load(tmp_path, EVE + line)

    assert caught.value.fix == fix


@pytest.mark.parametrize(
    ("old", "new", "cause", "fix"),
    [
        ("[sites.server]", "[sites]\nz = 1\n[sites.server]", "[sites.z]: 1 is no table", "line"),
        ("[people.alice]", "[people]\nz = 1\n[people.alice]", "[people.z]: 1 is no table", "line"),
        ("[lab]", "people = 1\n[lab]", "can't be read", "mend"),
        ("[sites.client-a]", "[site.client-a]", "[site]: unknown", "a site is [sites.client-c]"),
        ("port = 8080", "", "[lab]: port is what it has, and there is nothing", "port = 8080"),
        ("port = 8080", "prot = 8080", "[lab]: port is what it has", "port = 8080"),
        ("port = 8080", 'port = "8080"', "[lab]: port = '8080' is no port", "without quotes"),
        ("port = 8080", "port = true", "[lab]: port = True is no port", "without quotes"),
        ("port = 8080", "port = 80", "[lab]: port = 80 is no port", "from 1024 to 65500"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(
    tmp_path: Path, old: str, new: str, cause: str, fix: str
) -> None:
    path = tmp_path / "lab.toml"
    path.write_text(TOML.replace(old, new, 1))

    with pytest.raises(LabError, match=re.escape(cause)) as caught:
        table.load(path)

    assert fix in caught.value.fix


@pytest.mark.parametrize("name", table.TABLES)
def test_a_table_that_is_missing_or_none_is_named(tmp_path: Path, name: str) -> None:
    for stead in ("", f"{name} = 1\n"):
        path = tmp_path / f"{len(stead)}.toml"
        path.write_text(stead + re.sub(rf"(?ms)^\[{name}\b.*?(?=^\[(?!{name}\b)|\Z)", "", TOML))

        with pytest.raises(LabError, match=rf"\[{name}\]: (missing|1 is no table)"):
            table.load(path)


@pytest.mark.parametrize("name", table.TAKEN)
def test_a_name_that_the_lab_itself_goes_by_is_no_sites(tmp_path: Path, name: str) -> None:
    with pytest.raises(LabError, match=rf"\[sites\.{name}\]: that is no name for a site"):
        load(tmp_path, ROW.replace("client-c", name))


@pytest.mark.parametrize(
    ("package", "cause"),
    [
        *((name, "is a folder of the house's own") for name in table.HOUSE),
        ("Tests", "is a folder of the house's own"),
        ("../x y", "is no name for a package"),
        ("client-c", "is no name for a package"),
        ("class", "is no name for a package"),
        ("", "is no name for a package"),
        ("json", "is a module of Python's own"),
    ],
)
def test_a_package_that_cannot_be_a_sites_is_refused(
    tmp_path: Path, package: str, cause: str
) -> None:
    with pytest.raises(LabError, match=re.escape(f"package = {package!r} {cause}")) as caught:
        load(tmp_path, f'{ROW}package = "{package}"\n')

    assert "client-c" in caught.value.fix


def test_a_site_is_not_called_as_a_folder_of_the_house(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="package = 'lab' is a folder of the house's own"):
        load(tmp_path, ROW.replace("client-c", "lab"))


def test_the_houses_own_folders_are_those_of_the_checkout() -> None:
    sites = {site.package for site in table.load().sites}
    tracked = subprocess.check_output(["git", "ls-files", "*/*"], cwd=ROOT, text=True).splitlines()
    folders = {path.partition("/")[0] for path in tracked if not path.startswith(".")}

    assert set(table.HOUSE) == folders - sites


@pytest.mark.parametrize(
    ("look_up", "known"),
    [
        (lambda word: table.load().site(word), "desk, server, client-a, client-b"),
        (lambda word: table.load().of_package(word), "lab_desk, server_site, client_a, client_b"),
        (lambda word: table.load().person(word), "alice, bob, carol, dave, admin"),
    ],
    ids=["site", "package", "person"],
)
def test_an_unknown_name_is_said_with_those_there_are(
    look_up: Callable[[str], object], known: str
) -> None:
    with pytest.raises(LabError, match=r"No row of lab\.toml has the .* 'nobody'") as caught:
        look_up("nobody")

    assert caught.value.fix == f"one of {known}"


def test_the_image_has_all_that_reads_the_table(tmp_path: Path) -> None:
    [copied] = re.findall(r"^COPY ((?:lab/\S+ )+)lab/$", (ROOT / "Dockerfile").read_text(), re.M)
    (tmp_path / "lab").mkdir()
    for path in ("lab.toml", *copied.split()):
        shutil.copy(ROOT / path, tmp_path / path)

    program = "import sys; sys.path.insert(0, '.'); from lab import table; table.load()"
    subprocess.run([sys.executable, "-I", "-S", "-c", program], cwd=tmp_path, check=True)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"nowhere\.toml can't be read: .*No such file"):
        table.load(tmp_path / "nowhere.toml")
