"""Consumers and people as the tests need them."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth import get_user_model
from django.core.signing import Signer
from itsdangerous import TimedSerializer
from simple_sso.sso_server.models import Consumer

from sso_kit import clock
from sso_kit.keys import challenge_of, fingerprint
from sso_kit.messages import HARDENED, Dialect, Purpose
from sso_kit.server import grants
from sso_kit.server.models import ConsumerPolicy
from sso_kit.server.policy import find_policy
from sso_kit.server.provisioning import ensure_consumer
from sso_kit.server.request_tokens import RequestToken
from sso_kit.store.server import Kept
from tests.kit.urls import APP_URL, PRIVATE_KEY, PUBLIC_KEY

VERIFIER = "the-verifier-in-this-browsers-cookie-1234567"


def register(name: str = "app", **changes: Any) -> Consumer:
    """The app of ``tests.kit.urls``, with extra data granted."""
    terms = {"origins": [APP_URL], "granted": ["groups"], **changes}
    keys = terms.pop("public_key", PUBLIC_KEY), terms.pop("private_key", PRIVATE_KEY)
    return ensure_consumer(name, *keys, **terms)


def another() -> Consumer:
    return register(
        "other",
        public_key="other-public",
        private_key="other-private-" * 4,
        origins=["http://other.test"],
    )


def policy_of(consumer: Consumer) -> ConsumerPolicy:
    policy = find_policy(pk=consumer.pk)
    assert policy is not None
    return policy


def person(name: str = "alice", **fields: Any) -> Any:
    return get_user_model().objects.create_user(name, f"{name}@people.test", "password", **fields)


def question(consumer: Consumer, **changes: Any) -> RequestToken:
    """A request token as the server makes it for a browser with ``VERIFIER``."""
    fields = {
        "consumer_id": consumer.pk,
        "key": fingerprint(consumer.private_key),
        "redirect_to": f"{APP_URL}/sso/authenticate/",
        "challenge": challenge_of(VERIFIER),
        "passive": False,
        "serial": "serial",
    }
    return RequestToken(**(fields | changes))


def signed(key: str, purpose: Purpose, payload: object) -> str:
    """A message with the right signature, whatever is in it."""
    return signed_text(key, purpose, json.dumps(payload))


def signed_text(key: str, purpose: Purpose, text: str) -> str:
    return Signer(key=key, sep=".", salt=purpose, fallback_keys=[]).sign(text)


def as_stock(key: str, payload: object) -> str:
    """A message as stock's classes sign it."""
    return str(TimedSerializer(key).dumps(payload))


def issue(request_token: RequestToken, user: Any, session: str = "") -> str:
    return grants.issue(request_token, user, session, clock.now())


def redeem(
    policy: ConsumerPolicy, token: object, verifier: object, dialect: Dialect = HARDENED
) -> Kept:
    return grants.redeem(policy, dialect, token, verifier, clock.now())
