"""nginx's configuration for the local runtime, from the templates that the container uses."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from lab import environment
from lab.machine import system
from lab.place import Place
from lab.table import ROOT

TEMPLATES = ROOT / "nginx/templates"
TEMPLATE = TEMPLATES / "default.conf.template"


def render(template: str, values: Mapping[str, str]) -> str:
    """Fill in ``${NAME}`` for the names given, as the image's envsubst does; leave the rest."""
    return re.sub(
        r"\$\{(\w+)\}",
        lambda match: values.get(match[1], match[0]),
        template,
    )


def write_configuration(place: Place) -> None:
    values = environment.of_nginx(environment.local(place))
    for template in TEMPLATES.glob("*.template"):
        (place.run / template.stem).write_text(render(template.read_text(), values))


def command(place: Place) -> list[str]:
    """How nginx is started; ``-t`` added to it only checks the configuration.

    Root's workers stay root, because a checkout in root's home can't be read by anybody else;
    anybody else's workers are that person's anyway.
    """
    program = system.nginx_program() or "/usr/sbin/nginx"
    how = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
    where = ["-e", "stderr", "-p", str(place.run), "-c", str(place.run / "nginx.conf")]
    return [program, *where, "-g", how]
