"""The containers' health check: does this site answer under its own name?"""

from __future__ import annotations

import http.client
import os
import sys
from urllib.parse import urlsplit


def status() -> int:
    """The site's answer to ``GET /healthz``, asked where gunicorn listens."""
    host, port = os.environ["BIND"].rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=3)
    connection.request("GET", "/healthz", headers={"Host": urlsplit(os.environ["BASE_URL"]).netloc})
    return connection.getresponse().status


if __name__ == "__main__":
    sys.exit(status() != 200)
