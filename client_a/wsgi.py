from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from sso_kit.bodies import read_to_the_end

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "client_a.settings")

application = read_to_the_end(get_wsgi_application())
