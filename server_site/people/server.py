"""The identity server of the lab: the kit's, with what allauth and the administrators know."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest
from simple_sso.sso_server.models import Consumer

from sso_kit.server import Server, directory
from sso_kit.store import rows

from .models import AttributeValue

METHODS = {"server_site.people.backends.PeopleBackend": "pwd"}  # RFC 8176


class IdentityServer(Server):
    def get_user_extra_data(self, user: Any, consumer: Consumer, extra_data: Any) -> dict[str, Any]:
        """The kit's, and the attributes that are asked for and granted; one query, if any is."""
        said = super().get_user_extra_data(user, consumer, extra_data)
        policy = getattr(consumer, "policy", None)
        names = [name for name in directory.granted_names(policy, extra_data) if name not in said]
        return {**(_values_of(user, names) if names else {}), **said}

    def get_amr(self, request: HttpRequest, user: Any) -> tuple[str, ...]:
        """By the back end that took somebody's word."""
        method = METHODS.get(getattr(user, "backend", ""))
        return (method,) if method else ()


def _values_of(user: Any, names: list[str]) -> dict[str, str]:
    """Attributes by name."""
    found = rows.fetch(AttributeValue, _values(), [user.pk])
    return {name: value for name, value in found if name in names}


@cache
def _values() -> str:
    """To build it costs more than to run it."""
    found = AttributeValue.objects.values_list("attribute__name", "value")
    statement, _ = found.filter(person_id=0).query.sql_with_params()
    return statement


sso = IdentityServer(auth_view_name="account_login")
