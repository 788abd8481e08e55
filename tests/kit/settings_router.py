"""The same project, whose people and all that is about them are in the second database."""

from __future__ import annotations

from typing import Any

from tests.kit.settings_two_databases import *

DATABASE_ROUTERS = ["tests.kit.settings_router.Elsewhere"]


class Elsewhere:
    """Everything is written there; what is read by nobody in particular, too."""

    def db_for_read(self, model: Any, **_: Any) -> str:
        return "other"

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **_: Any) -> bool:
        return db == "other"
