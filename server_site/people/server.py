"""The identity server of the lab: the kit's, with what allauth and the administrators know."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from simple_sso.sso_server.models import Consumer

from sso_kit.server import Server, directory

from .models import AttributeValue

METHODS = {"server_site.people.backends.PeopleBackend": "pwd"}  # RFC 8176


class IdentityServer(Server):
    def get_user_extra_data(self, user: Any, consumer: Consumer, extra_data: Any) -> dict[str, Any]:
        """The kit's, and the attributes that are asked for and granted; one query, if any is."""
        said = super().get_user_extra_data(user, consumer, extra_data)
        policy = getattr(consumer, "policy", None)
        names = [name for name in directory.granted_names(policy, extra_data) if name not in said]
        values = AttributeValue.objects.filter(person_id=user.pk, attribute__name__in=names)
        more = dict(values.values_list("attribute__name", "value")) if names else {}
        return {**more, **said}

    def get_amr(self, request: HttpRequest, user: Any) -> tuple[str, ...]:
        """By the back end that took somebody's word."""
        method = METHODS.get(getattr(user, "backend", ""))
        return (method,) if method else ()


sso = IdentityServer(auth_view_name="account_login")
