"""Whose accounts are whose, in Django's admin: seen, linked and unlinked by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html

from .. import databases
from .accounts import adoption, servers, waiting
from .accounts.candidates import describe
from .installed import clients
from .models import Adoption, Identity, KnownServer, LinkRequest

if TYPE_CHECKING:  # generic for mypy only
    _IdentityAdmin = admin.ModelAdmin[Identity]
    _RequestAdmin = admin.ModelAdmin[LinkRequest]
    _AdoptionAdmin = admin.ModelAdmin[Adoption]
    _ServerAdmin = admin.ModelAdmin[KnownServer]
    _Form = forms.ModelForm[Identity]
else:
    _IdentityAdmin = _RequestAdmin = _AdoptionAdmin = _ServerAdmin = admin.ModelAdmin
    _Form = forms.ModelForm


class LinkForm(_Form):
    """An account, and the person whom it shall belong to. Nothing is proposed by a name."""

    issuer = forms.ChoiceField(label="Identity server")

    class Meta:
        model = Identity
        fields = ("issuer", "subject", "user")
        labels = {"user": "Account"}
        help_texts = {
            "subject": "The person, as the identity server names them for ever. Make sure there "
            "who that is: whoever it is signs in to the account from now on."
        }

    # Set by ``IdentityAdmin.get_form``: who fills it in.
    by: Any = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        issuer: Any = self.fields["issuer"]
        issuer.choices = list(servers.with_urls(servers.issuers_of(clients())).items())

    def clean_user(self) -> Any:
        user = self.cleaned_data["user"]
        if not may_decide(self.by, user):
            raise ValidationError("That account has rights in this app: only a superuser links it.")
        return user


def may_decide(by: Any, account: Any) -> bool:
    """Whether somebody who manages accounts may say whose this one is.

    Whoever links a superuser's account to themselves is one.
    """
    above = getattr(account, "is_staff", False) or getattr(account, "is_superuser", False)
    return not above or getattr(by, "is_superuser", False) is True


class _NeverChanged:
    """A row says what was decided; another decision is another row."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class _MadeElsewhere(_NeverChanged):
    """By a log-in, or by a command."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Identity)
class IdentityAdmin(_NeverChanged, _IdentityAdmin):
    """Add: link. Delete: unlink; the account stays. An identity is never another one's later."""

    form = LinkForm
    list_display = ("user", "subject", "issuer")
    list_filter = ("issuer",)
    list_select_related = ("user",)
    raw_id_fields = ("user",)
    search_help_text = "An account's name, or a subject"

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("subject", f"user__{get_user_model().USERNAME_FIELD}")

    def get_form(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        form = super().get_form(request, *args, **options)
        return type(form.__name__, (form,), {"by": request.user})

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or may_decide(request.user, obj.user))

    def save_model(self, request: HttpRequest, obj: Identity, form: Any, change: bool) -> None:
        by = request.user.get_username()
        obj.pk = adoption.link(obj.user, obj.issuer, obj.subject, by=by).pk

    def delete_model(self, request: HttpRequest, obj: Identity) -> None:
        adoption.unlink(obj, by=request.user.get_username())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Identity]) -> None:
        for identity in queryset.select_related("user"):
            if self.has_delete_permission(request, identity):
                self.delete_model(request, identity)
            else:
                said = f"{identity.user}: only a superuser unlinks an account that has rights here."
                self.message_user(request, said, messages.ERROR)

    def changeform_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """The form has checked that both are free; of two at once the database takes one."""
        try:
            with databases.atomic(Identity):
                return super().changeform_view(request, *args, **options)
        except IntegrityError:
            said = "The account or the person has been linked just now; look again."
            self.message_user(request, said, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


@admin.register(LinkRequest)
class LinkRequestAdmin(_MadeElsewhere, _RequestAdmin):
    """Who came and got no account. Link: the form for it, with the person filled in."""

    list_display = ("name", "email", "subject", "issuer", "in_the_way", "asked", "link")
    list_filter = ("issuer",)
    list_select_related = ("account__sso_identity",)
    search_fields = ("name", "email", "subject")
    ordering = ("-asked",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LinkRequest]:
        waiting.purge()
        return super().get_queryset(request)

    @admin.display(description="Account in the way")
    def in_the_way(self, one: LinkRequest) -> str:
        return describe(one.account, one.issuer) if one.account else ""

    @admin.display(description="")
    def link(self, one: LinkRequest) -> str:
        """To the form: the account is left open, since a name is no reason to choose one."""
        where = reverse(f"{self.admin_site.name}:sso_kit_client_identity_add")
        filled = urlencode({"issuer": one.issuer, "subject": one.subject})
        return format_html('<a href="{}?{}">Link to an account</a>', where, filled)


@admin.register(Adoption)
class AdoptionAdmin(_MadeElsewhere, _AdoptionAdmin):
    """What ``sso_adopt`` has allowed. Delete: withdraw."""

    list_display = ("user", "issuer", "expires")
    list_select_related = ("user",)
    ordering = ("expires",)

    def delete_model(self, request: HttpRequest, obj: Adoption) -> None:
        adoption.withdraw([obj], by=request.user.get_username())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Adoption]) -> None:
        adoption.withdraw(queryset.select_related("user"), by=request.user.get_username())


@admin.register(KnownServer)
class KnownServerAdmin(_MadeElsewhere, _ServerAdmin):
    """The identity servers. Delete: forget, see ``sso_accounts --forget``; accounts stay."""

    fields = ("issuer", "named", "server_url", "since")
    list_display = ("issuer", "server_url", "since")

    def delete_model(self, request: HttpRequest, obj: KnownServer) -> None:
        servers.forget(obj, by=request.user.get_username())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[KnownServer]) -> None:
        for known in queryset:
            self.delete_model(request, known)
