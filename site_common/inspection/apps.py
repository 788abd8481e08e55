from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from . import spool, telling


class InspectionConfig(AppConfig):
    name = "site_common.inspection"
    label = "inspection"

    def ready(self) -> None:
        register(refuse_outside_lab_mode)
        if settings.INSPECTOR_FOLDER:  # also where it is off: nginx wants its file
            spool.prepare(Path(settings.INSPECTOR_FOLDER))
        if telling.is_on():
            telling.listen()


def refuse_outside_lab_mode(**_: Any) -> Iterable[CheckMessage]:
    """System check: what people do is nobody's business where they are real."""
    if settings.INSPECTOR_FOLDER and not settings.LAB_MODE:
        yield Error(
            "INSPECTOR_FOLDER is set outside lab mode; nothing is told.",
            hint="Take INSPECTOR_FOLDER out of this site's environment, or set LAB_MODE=1.",
            id="lab.E001",
        )
