"""Consumers in Django's admin: policy, origins, and keys that can be replaced."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from simple_sso.sso_server.models import Consumer
from simple_sso.sso_server.server import ConsumerAdmin as StockConsumerAdmin

from .. import commands
from ..keys import Key, fingerprint
from .models import ConsumerPolicy
from .rotation import OVERLAP, revoke_key, rotate

if TYPE_CHECKING:  # generic for mypy only
    _Inline = admin.StackedInline[ConsumerPolicy, Consumer]
    _ModelAdmin = admin.ModelAdmin[Consumer]
else:
    _Inline, _ModelAdmin = admin.StackedInline, StockConsumerAdmin


class ConsumerPolicyInline(_Inline):
    model = ConsumerPolicy
    can_delete = False
    filter_horizontal = ["required_groups"]


class ConsumerAdmin(_ModelAdmin):
    """Stock's admin shows the private key to everybody who may look; this one doesn't."""

    fields = ["name", "public_key", "private_key_fingerprint"]
    readonly_fields = ["public_key", "private_key_fingerprint"]
    list_display = ["name", "public_key", "private_key_fingerprint"]
    inlines = [ConsumerPolicyInline]
    actions = ["rotate_key", "revoke_key_now"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Nobody types in a key, whatever a subclass says in ``readonly_fields``."""
        wanted = super().get_readonly_fields(request, obj)
        return [*dict.fromkeys([*wanted, *ConsumerAdmin.readonly_fields, "private_key"])]

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        """The policy, also where a subclass has inlines of its own."""
        inlines = list(super().get_inlines(request, obj))
        return inlines if ConsumerPolicyInline in inlines else [ConsumerPolicyInline, *inlines]

    @admin.display(description="Private key (fingerprint)")
    def private_key_fingerprint(self, consumer: Consumer) -> str:
        """What names a key without telling it."""
        return fingerprint(consumer.private_key)

    @admin.action(
        description="Replace the key; the old one counts for one more hour",
        permissions=["change"],
    )
    def rotate_key(self, request: HttpRequest, consumers: QuerySet[Consumer]) -> None:
        """See ``rotation.rotate``."""
        self._replace_keys(request, consumers, rotate, f"the old one counts for {OVERLAP} more")

    @admin.action(
        description="Emergency: replace the key; the old one is dead at once",
        permissions=["change"],
    )
    def revoke_key_now(self, request: HttpRequest, consumers: QuerySet[Consumer]) -> None:
        """See ``rotation.revoke_key``."""
        self._replace_keys(request, consumers, revoke_key, "the old one is revoked")

    def _replace_keys(
        self,
        request: HttpRequest,
        consumers: QuerySet[Consumer],
        replace: Callable[..., Key],
        old: str,
    ) -> None:
        for consumer in consumers:
            if not self.has_change_permission(request, consumer):  # rights may differ by row
                self.message_user(request, f"You may not change {consumer.name}.", messages.ERROR)
                continue
            with transaction.atomic():
                key = replace(consumer, by=request.user.get_username())
                done = f"{consumer.name}: new key {fingerprint(key)}; {old}."
                self.log_change(request, consumer, done)
            fetch = commands.to_run("sso_consumer", consumer.name, "--write-key", "FILE")
            self.message_user(request, f"{done} Fetch it on the server: {fetch}", messages.WARNING)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        ConsumerPolicy.objects.get_or_create(consumer=form.instance)
