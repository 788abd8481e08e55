"""Which app sent somebody to the log-in page, and what it asks of them."""

from __future__ import annotations

from urllib.parse import parse_qs

from django.http import HttpRequest
from django.urls import reverse
from simple_sso.sso_server.models import Consumer

from sso_kit.errors import TokenRefused
from sso_kit.server import prompts
from sso_kit.server.policy import find_policy
from sso_kit.server.request_tokens import RequestToken, read_request_token
from sso_kit.server.sessions import proof_in


def asking_app(next_url: str) -> str:
    """Its name, or nothing for somebody who came alone or with a spent token."""
    token = _request_token(next_url)
    consumer = Consumer.objects.filter(pk=token.consumer_id).first() if token else None
    return consumer.name if consumer else ""


def asks_of(request: HttpRequest, next_url: str) -> bool:
    """Whether the app that asks wants more of somebody who is signed in than that they are."""
    token = _request_token(next_url)
    policy = find_policy(pk=token.consumer_id) if token else None
    if token is None or policy is None:
        return False
    return bool(prompts.still_to_ask(token, policy, proof_in(request.session)))


def _request_token(next_url: str) -> RequestToken | None:
    path, _, query = next_url.partition("?")
    if path != reverse("simple-sso-authorize"):
        return None
    try:
        return read_request_token(parse_qs(query).get("token", [""])[0])
    except TokenRefused:
        return None
