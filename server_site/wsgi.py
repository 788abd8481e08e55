from __future__ import annotations

from site_common.doors import OF_A_SERVER
from site_common.wsgi import of_site

application = of_site("server_site", OF_A_SERVER)
