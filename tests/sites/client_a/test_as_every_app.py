from __future__ import annotations

from tests.sites.every_app import *
