"""nginx's configuration for the local runtime, from the template that the container uses."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from lab import environment, system
from lab.place import Place
from lab.table import ROOT

TEMPLATE = ROOT / "nginx/templates/default.conf.template"

# What the image's own nginx.conf says, for a machine: everything nginx writes stays in
# the lab's folder. Root's workers stay root, because a checkout in root's home can't be
# read by anybody else; anybody else's workers are that person's anyway.
MAIN = """\
daemon off;
{user}worker_processes 2;
pid "{run}/nginx.pid";
error_log stderr warn;

events {{
    worker_connections 512;
}}

http {{
    types {{ text/html html; }}
    client_body_temp_path "{run}/nginx-body";
    proxy_temp_path "{run}/nginx-proxy";
    fastcgi_temp_path "{run}/nginx-fastcgi";
    uwsgi_temp_path "{run}/nginx-uwsgi";
    scgi_temp_path "{run}/nginx-scgi";
    include "{run}/default.conf";
}}
"""


def render(template: str, values: Mapping[str, str]) -> str:
    """Fill in ``${NAME}`` for the names given, as the image's envsubst does; leave the rest."""
    return re.sub(
        r"\$\{(\w+)\}",
        lambda match: values.get(match[1], match[0]),
        template,
    )


def write_configuration(place: Place) -> None:
    user = "user root;\n" if os.geteuid() == 0 else ""
    values = environment.of_nginx(environment.local(place))
    (place.run / "default.conf").write_text(render(TEMPLATE.read_text(), values))
    (place.run / "nginx.conf").write_text(MAIN.format(run=place.run, user=user))


def command(place: Place) -> list[str]:
    """How nginx is started; ``-t`` added to it only checks the configuration."""
    program = system.nginx_program() or "/usr/sbin/nginx"
    return [program, "-e", "stderr", "-p", str(place.run), "-c", str(place.run / "nginx.conf")]
