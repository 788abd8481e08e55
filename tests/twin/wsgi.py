"""The twin as gunicorn loads it: once, before it forks, and then with PROVISION=1 set up too."""

import os

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.twin.settings")
application = get_wsgi_application()
if os.environ.get("PROVISION") == "1":
    call_command("provision")
    connections.close_all()  # a connection must not be shared by processes
