"""nginx's upstreams and servers, one of each per site."""

from __future__ import annotations

from lab import table
from lab.generate.regions import Parts, lines

UPSTREAM = (
    'upstream {name} {{ server "${{{prefix}_UPSTREAM}}"; keepalive 16; keepalive_timeout 60s; }}'
)

SERVER = """\
server {{  # {title}
    listen ${{NGINX_LISTEN}};
    server_name {host};
    access_log /dev/stdout lab;
    location / {{ if ($is_odd) {{ return 400; }} proxy_pass http://{name}; }}
    location /lab-pages/ {{
        internal;
        ssi on;
        alias "${{NGINX_PAGES}}/";
        include "${{NGINX_PAGES}}/headers.conf";
    }}
}}

"""


def parts() -> Parts:
    sites = table.load().sites
    upstreams = (UPSTREAM.format(name=site.name, prefix=site.prefix) for site in sites)
    servers = (SERVER.format(name=it.name, title=it.title, host=it.host) for it in sites)
    return {"upstreams": lines(*upstreams), "servers": "".join(servers)}
