"""The same project with a second database, and no router: Django migrates both."""

from __future__ import annotations

from typing import Any

from tests.kit.settings import *
from tests.kit.settings import DATABASES as ONE

HERE: dict[str, Any] = ONE["default"]
DATABASES = {
    name: {**HERE, "NAME": HERE["NAME"].with_name(f"{name}.sqlite3")}
    for name in ("default", "other")
}
