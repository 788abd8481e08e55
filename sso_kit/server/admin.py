"""Consumers in Django's admin, and who is signed in to them; what has ended, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from simple_sso.sso_server.models import Consumer
from simple_sso.sso_server.server import ConsumerAdmin as StockConsumerAdmin

from .. import commands, databases
from ..keys import Key, fingerprint
from . import courier, ending
from .ending import Act
from .models import ConsumerPolicy, Ending, Reason, SignIn
from .rotation import OVERLAP, revoke_key, rotate
from .sessions import Proof
from .signed_out import outcomes_of

if TYPE_CHECKING:  # generic for mypy only
    _Inline = admin.StackedInline[ConsumerPolicy, Consumer]
    _ModelAdmin = admin.ModelAdmin[Consumer]
    _SignInAdmin = admin.ModelAdmin[SignIn]
    _EndingAdmin = admin.ModelAdmin[Ending]
else:
    _Inline, _ModelAdmin = admin.StackedInline, StockConsumerAdmin
    _SignInAdmin = _EndingAdmin = admin.ModelAdmin


class ConsumerPolicyInline(_Inline):
    model = ConsumerPolicy
    can_delete = False
    filter_horizontal = ["required_groups"]


class ReasonForm(ActionForm):
    """The actions that end something want to know why."""

    reason = forms.CharField(
        required=False,
        max_length=255,
        label="Reason",
        widget=forms.TextInput({"placeholder": "why they are ended; goes on record"}),
    )


def reason_in(model_admin: Any, request: HttpRequest) -> str:
    """What was typed beside the action; without it the action is refused, and says so."""
    reason = request.POST.get("reason", "").strip()
    if not reason:
        said = "Nothing was ended: write a reason beside the action."
        model_admin.message_user(request, said, messages.ERROR)
    return reason[:255]


def say_what_became_of_it(model_admin: Any, request: HttpRequest, act: Act) -> None:
    """App by app, after an action that ended something."""
    endings = outcomes_of(act.batch)
    waiting = sorted({ending.app for ending in endings if not ending.told})
    if transaction.get_connection(databases.alias(Ending)).in_atomic_block:
        later = f"{len(endings)} sign-in(s) ended. The apps are told as soon as that is saved."
        model_admin.message_user(request, later)
        return
    done = f"{len(endings)} sign-in(s) ended; {len(endings) - len(waiting)} confirmed."
    if waiting:
        rest = f"{done} Not confirmed yet: {', '.join(waiting)}."
        model_admin.message_user(request, rest, messages.WARNING)
    else:
        model_admin.message_user(request, done)


class _OnRecord:
    """Rows that hand-shakes and log-outs make; nobody writes them here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not by itself; but with a person, or a consumer, who is deleted."""
        match = request.resolver_match
        own = f"{self.model._meta.app_label}_{self.model._meta.model_name}_"  # type: ignore[attr-defined]  # the admin's
        if match is None or (match.url_name or "").startswith(own):
            return False
        allowed: bool = super().has_delete_permission(request, obj)  # type: ignore[misc]  # as well
        return allowed


class SignInAdmin(_OnRecord, _SignInAdmin):
    """Who is signed in where. The action ends it, with a reason, and tells the app."""

    list_display = ("user", "consumer", "since", "seen", "expires", "how", "only_this_app")
    list_filter = ("consumer",)
    list_select_related = ("user", "consumer")
    date_hierarchy = "since"
    ordering = ("-seen",)
    search_help_text = "A user name"
    actions = ("end",)
    action_form = ReasonForm
    fields = ("user", "consumer", "since", "seen", "expires", "how", "only_this_app")
    readonly_fields = fields

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return (f"user__{get_user_model().USERNAME_FIELD}",)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "user__id__exact" or super().lookup_allowed(lookup, value, request)

    @admin.display(description="How they proved it")
    def how(self, sign_in: SignIn) -> str:
        return ", ".join(Proof.read(sign_in.proof).amr) or "not known"

    @admin.display(description="This app only", boolean=True)
    def only_this_app(self, sign_in: SignIn) -> bool:
        return sign_in.session is None

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Whoever may delete sign-ins."""
        return bool(request.user.has_perm("sso_kit_server.delete_signin"))

    @admin.action(description="End, with the browser session they came from", permissions=["end"])
    def end(self, request: HttpRequest, sign_ins: QuerySet[SignIn]) -> None:
        """And all else that was signed in to from those sessions."""
        reason = reason_in(self, request)
        if not reason:
            return
        act = Act(Reason.BY_ADMIN, request.user.get_username(), reason)
        for sign_in in sign_ins.select_related("consumer", "user"):
            if sign_in.session:
                ending.end_session(sign_in.session, act)
            else:
                ending.end([sign_in], act)
        say_what_became_of_it(self, request, act)


class EndingAdmin(_OnRecord, _EndingAdmin):
    """The record of what has ended, and what the apps still have to be told."""

    list_display = ("when", "person", "app", "reason", "by", "note", "state", "problem", "next_try")
    list_filter = ("reason", "app", ("told", admin.EmptyFieldListFilter))
    search_fields = ("person", "subject", "by")
    date_hierarchy = "when"
    actions = ("tell_again",)

    @admin.display(description="App")
    def state(self, ending: Ending) -> str:
        """Whether the app has confirmed it."""
        if ending.told:
            return "has confirmed"
        return f"told {ending.tries} times" if ending.is_pending else "not told any more"

    def has_tell_permission(self, request: HttpRequest) -> bool:
        """Whoever may delete sign-ins."""
        return bool(request.user.has_perm("sso_kit_server.delete_signin"))

    @admin.action(description="Tell the apps again, now", permissions=["tell"])
    def tell_again(self, request: HttpRequest, endings: QuerySet[Ending]) -> None:
        """What is pending; the rest is over."""
        waiting = list(
            endings.filter(told=None, next_try__isnull=False).values_list("pk", flat=True)
        )
        if waiting:
            courier.inform(waiting)
        left = endings.filter(told=None).count()
        self.message_user(request, f"{len(waiting)} told again; {left} not confirmed.")


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


if apps.is_installed("django.contrib.admin"):  # a server doesn't need it, and imports this
    admin.site.register(SignIn, SignInAdmin)
    admin.site.register(Ending, EndingAdmin)
