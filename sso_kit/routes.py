"""This project's own addresses."""

from __future__ import annotations

from typing import Any

from django.urls import get_script_prefix, resolve


def view_at(path: str, urlconf: str | None = None) -> Any:
    """The view at a path of this project, as ``reverse`` gives it: under ``SCRIPT_NAME``."""
    return resolve("/" + path.removeprefix(get_script_prefix()), urlconf).func
