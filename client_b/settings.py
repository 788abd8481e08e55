"""Helpdesk's settings: its own app; everything else is as for all apps of the lab."""

from __future__ import annotations

from site_common.app_settings import *
from site_common.app_settings import SHARED_APPS

INSTALLED_APPS = ["client_b.tickets", *SHARED_APPS]
