"""The apps that trust this server, as one person sees them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin

from lab import table
from site_common.look.context import icon_of
from sso_kit.server.directory import may_enter
from sso_kit.server.models import ConsumerPolicy

from .models import Person


@dataclass(frozen=True)
class App:
    name: str
    about: str
    icon: str
    url: str
    origins: list[str]
    granted: list[str]
    required_groups: list[str]
    open_to_everybody: bool
    open_to_you: bool


def apps_for(person: Person) -> list[App]:
    policies = (
        ConsumerPolicy.objects.select_related("consumer")
        .prefetch_related("required_groups")
        .order_by("consumer__pk")
    )
    known = {client.title: client for client in table.load().clients}
    return [_app(policy, known.get(policy.consumer.name), person) for policy in policies]


def _app(policy: ConsumerPolicy, client: table.Site | None, person: Person) -> App:
    return App(
        name=policy.consumer.name,
        about=client.about if client else "",
        icon=icon_of(client) if client else "",
        url=urljoin(policy.origins[0], "/") if policy.origins else "",
        origins=policy.origins,
        granted=policy.granted,
        required_groups=[group.name for group in policy.required_groups.all()],
        open_to_everybody=policy.admits_everybody,
        open_to_you=may_enter(policy, person),
    )
