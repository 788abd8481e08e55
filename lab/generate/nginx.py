"""nginx's upstreams and servers, one of each per site."""

from __future__ import annotations

from lab import table
from lab.generate.regions import Parts, lines

UPSTREAM = (
    'upstream {name} {{ server "${{{prefix}_UPSTREAM}}"; keepalive 16; keepalive_timeout 60s; }}'
)

INSPECTED = """\
    access_log "${INSPECTOR_FOLDER}/nginx.jsonl" inspector buffer=16k flush=200ms if=$is_told;
"""

SERVER = """\
server {{  # {title}
    listen ${{NGINX_LISTEN}};
    server_name {host};
    access_log /dev/stdout lab;
{inspected}    location / {{ if ($is_odd) {{ return 400; }} proxy_pass http://{name}; }}
    location /lab-pages/ {{
        internal;
        ssi on;
        alias "${{NGINX_PAGES}}/";
        include "${{NGINX_PAGES}}/headers.conf";
    }}
}}

"""


def parts() -> Parts:
    lab = table.load()
    sites = lab.sites
    upstreams = (UPSTREAM.format(name=site.name, prefix=site.prefix) for site in sites)
    servers = (
        SERVER.format(
            name=it.name,
            title=it.title,
            host=it.host,
            inspected="" if lab.desk is None or it.kind.hears else INSPECTED,
        )
        for it in sites
    )
    return {"upstreams": lines(*upstreams), "servers": "".join(servers)}
