from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from server_site.doors import with_back_door
from sso_kit.contrib.bodies import read_to_the_end

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server_site.settings")

application = read_to_the_end(
    with_back_door(
        get_wsgi_application(), os.environ.get("BACK_BIND", ""), os.environ.get("BASE_URL", "")
    )
)
