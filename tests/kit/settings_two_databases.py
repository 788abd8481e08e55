"""The same project with a second database, both of SQLite, and no router: Django migrates both."""

from __future__ import annotations

from tests.kit.databases import sqlite
from tests.kit.settings import *
from tests.kit.settings import FOLDER

DATABASES = {name: sqlite(FOLDER.name, name) for name in ("default", "other")}
