"""What docker-compose.yml has of the sites: their services, and nginx's way to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lab import environment, secrets, table
from lab.environment import Layout
from lab.generate.regions import Parts, lines
from lab.table import Site

KNOBS = {name: f"${{{name}:-{usual}}}" for name, usual in environment.KNOBS.items()}

NGINX = """\
    environment:
{environment}\
    networks: [edge, {fronts}]
    # nginx looks its upstreams up when it starts: they have to be there first, and when
    # one of them is replaced nginx looks again.
    depends_on:
{waits}\
"""

SERVICE = """
  {name}:
    <<: *site
{build}\
    environment:
      <<: *site-environment
{environment}\
{secrets}\
    volumes: [{volumes}]
    networks:
      {name}-front: {{aliases: [front]}}
{back}\
"""

REST = """
volumes:
  events:                            # what happens, for the desk
{volumes}
secrets:
{secrets}
networks:
  edge: {{}}
{fronts}\
  back: {{internal: true}}
"""


def parts() -> Parts:
    lab = table.load()
    layout = environment.compose(f"${{LAB_PORT:-{lab.port}}}")
    told = {site: environment.of_site(site, layout) for site in lab.sites}
    shared = _alike(list(told.values()))
    services = (_service(site, _without(told[site], shared)) for site in lab.sites)
    return {
        "environment": _variables(shared | KNOBS, indent=2),
        "nginx": _nginx(lab.sites, layout),
        "sites": "".join(services) + _rest(lab.sites),
    }


def _alike(environments: list[dict[str, str]]) -> dict[str, str]:
    """What all sites are told alike."""
    first, *others = environments
    return {k: v for k, v in first.items() if all(other.get(k) == v for other in others)}


def _without(values: dict[str, str], shared: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if name not in shared}


def _nginx(sites: tuple[Site, ...], layout: Layout) -> str:
    healthy = "{condition: service_healthy, restart: true}"
    return NGINX.format(
        environment=_variables(environment.of_nginx(layout), indent=6),
        fronts=", ".join(f"{site.name}-front" for site in sites),
        waits=lines(*(f"{site.name}: {healthy}" for site in sites), indent=6),
    )


def _service(site: Site, own: Mapping[str, str]) -> str:
    names = secrets.seen_by(site)
    back = f"back: {{aliases: [{environment.back_of(site.name)}]}}"
    volumes = [f'"{site.name}-data:/data"'] + ['"events:/events"'] * site.kind.is_django
    return SERVICE.format(
        name=site.name,
        volumes=", ".join(volumes),
        build=lines("pull_policy: build", "build: .", indent=4) if site.is_server else "",
        environment=_variables(own, indent=6),
        secrets=_list("secrets", names) if names else "",
        back=lines(back, indent=6) if site.kind.on_back_channel else "",
    )


def _list(key: str, values: Sequence[str]) -> str:
    if len(values) > 3:
        return lines(f"{key}:", *(f"  - {value}" for value in values), indent=4)
    return lines(f"{key}: [{', '.join(values)}]", indent=4)


def _rest(sites: tuple[Site, ...]) -> str:
    folder = "${LAB_SECRETS:?run make up}"
    files = (f'{name}: {{file: "{folder}/{name}"}}' for name in secrets.names())
    return REST.format(
        volumes=lines(*(f"{site.name}-data:" for site in sites), indent=2),
        secrets=lines(*files, indent=2),
        fronts=lines(*(f"{site.name}-front: {{internal: true}}" for site in sites), indent=2),
    )


def _variables(values: Mapping[str, str], indent: int) -> str:
    """Quoted where YAML would make a number of them: an environment has texts."""
    quoted = {name: f'"{value}"' if value.isdigit() else value for name, value in values.items()}
    return lines(*(f"{name}: {value}" for name, value in quoted.items()), indent=indent)
