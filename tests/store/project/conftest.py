from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from simple_sso.sso_server.models import Consumer

from sso_kit.server.models import ConsumerPolicy

from .comparing import ODD


@pytest.fixture
def now() -> datetime:
    """As the project's tables have it, with the microseconds that are lost first."""
    return timezone.now().replace(microsecond=123456)


@pytest.fixture
def later(now: datetime) -> datetime:
    return now + timedelta(hours=1)


@pytest.fixture
def consumer(db: None) -> Consumer:
    return Consumer.objects.create(name=ODD, public_key="public", private_key="private")


@pytest.fixture
def policy(consumer: Consumer) -> ConsumerPolicy:
    origins = ["https://app.example/a'b/", ODD]
    return ConsumerPolicy.objects.create(consumer=consumer, origins=origins, granted=["groups"])
