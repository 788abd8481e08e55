from __future__ import annotations

import os
from wsgiref.types import WSGIApplication

from server_site.doors import with_back_door
from site_common.wsgi import of_site


def with_both_doors(inside: WSGIApplication) -> WSGIApplication:
    bind, base_url = (os.environ.get(name, "") for name in ("BACK_BIND", "BASE_URL"))
    return with_back_door(inside, bind, base_url)


application = of_site("server_site", with_both_doors)
