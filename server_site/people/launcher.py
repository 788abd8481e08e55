"""The apps that trust this server, as one person sees them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from django.db.models import Max

from lab import table
from site_common.look.context import icon_of
from sso_kit.server import sign_ins
from sso_kit.server.directory import may_enter
from sso_kit.server.models import ConsumerPolicy, Ending, SignIn

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
    key: int
    signed_in: int
    last_entered: datetime | None


def apps_for(person: Person) -> list[App]:
    policies = (
        ConsumerPolicy.objects.select_related("consumer")
        .prefetch_related("required_groups")
        .order_by("consumer__pk")
    )
    known = {client.title: client for client in table.load().clients}
    entered = _entered(person)
    now = sign_ins.at_apps(person).order_by()
    inside = Counter(now.values_list("consumer", flat=True))
    return [
        App(
            name=policy.consumer.name,
            **_of_lab(known.get(policy.consumer.name)),
            url=urljoin(policy.origins[0], "/") if policy.origins else "",
            origins=policy.origins,
            granted=policy.granted,
            required_groups=[group.name for group in policy.required_groups.all()],
            open_to_everybody=policy.admits_everybody,
            open_to_you=may_enter(policy, person),
            key=policy.consumer_id,
            signed_in=inside[policy.consumer_id],
            last_entered=entered.get(policy.consumer_id),
        )
        for policy in policies
    ]


def _entered(person: Person) -> dict[int | None, datetime]:
    """When somebody was last let in to each app, as far as the record goes."""
    live = SignIn.objects.filter(user=person).values("consumer").annotate(at=Max("began"))
    ended = Ending.objects.filter(subject=str(person.subject)).order_by()
    over = ended.values("consumer").annotate(at=Max("began"))
    rows: list[Any] = [*live, *over]
    latest: dict[int | None, int] = {}
    for row in rows:
        latest[row["consumer"]] = max(row["at"], latest.get(row["consumer"], 0))
    return {key: datetime.fromtimestamp(at / 1_000_000, UTC) for key, at in latest.items()}


def _of_lab(client: table.Site | None) -> dict[str, str]:
    return {"about": client.about, "icon": icon_of(client)} if client else {"about": "", "icon": ""}
