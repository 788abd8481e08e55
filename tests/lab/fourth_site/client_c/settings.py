from __future__ import annotations

from site_common.app_settings import *
from site_common.app_settings import SHARED_APPS

INSTALLED_APPS = SHARED_APPS
