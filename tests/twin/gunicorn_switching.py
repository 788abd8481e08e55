"""gunicorn config that makes threads take turns every 0.1 ms, so that races show soon."""

import sys


def post_fork(server: object, worker: object) -> None:
    sys.setswitchinterval(0.0001)
