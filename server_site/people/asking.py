"""Which app sent somebody to the log-in page."""

from __future__ import annotations

from urllib.parse import parse_qs

from django.urls import reverse
from simple_sso.sso_server.models import Consumer

from sso_kit.errors import TokenRefused
from sso_kit.server.request_tokens import read_request_token


def asking_app(next_url: str) -> str:
    """Its name, or nothing for somebody who came alone or with a spent token."""
    path, _, query = next_url.partition("?")
    token = parse_qs(query).get("token", [""])[0]
    if path != reverse("simple-sso-authorize"):
        return ""
    try:
        consumer_id = read_request_token(token).consumer_id
    except TokenRefused:
        return ""
    consumer = Consumer.objects.filter(pk=consumer_id).first()
    return consumer.name if consumer else ""
