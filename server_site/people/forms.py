from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
)
from django import forms
from django.contrib.auth.forms import UserChangeForm
from django.http import HttpRequest

from .asking import asking_app
from .audit import asked_for_reset, signed_in_once
from .models import Person
from .server import sso


class LogInForm(LoginForm):
    """Allauth's, with labels in place of placeholders and no reset link.

    Where an app asks, one box more: unticked, the log-in serves that app alone.
    """

    template_name = "people/log_in_form.html"
    keep = forms.BooleanField(
        label="Keep me signed in for other apps",
        required=False,
        initial=True,
        help_text="Without the tick this log-in serves that app alone, and whoever is signed in "
        "at the identity server stays it.",
    )
    # A box that isn't ticked isn't sent; neither is one that was never shown.
    keep_offered = forms.BooleanField(required=False, initial=True, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asking_app(self._next()):
            del self.fields["keep"], self.fields["keep_offered"]
        self.order_fields(["login", "password"])
        self.fields["login"].label = "User name"
        self.fields["login"].widget.attrs |= {
            "autocapitalize": "none",
            "spellcheck": "false",
            "autofocus": True,
        }
        self.fields["password"].help_text = ""
        drop_placeholders(self)

    @property
    def serves_one_app(self) -> bool:
        """Whether the person was asked, and doesn't want to be kept signed in."""
        said = self.cleaned_data
        return bool(said.get("keep_offered")) and not said["keep"]

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> Any:
        if not self.serves_one_app or not self.user.is_active:
            return super().login(request, redirect_url)
        log_in = super().login
        answer = sso.sign_in_once(request, self.user, redirect_url or "", ("pwd",))
        if answer is None:
            return log_in(request, redirect_url)
        signed_in_once.send(sender=type(self), request=request, user=self.user)
        return answer

    def _next(self) -> str:
        sent = self.request.POST if self.request.method == "POST" else self.request.GET
        return str(sent.get("next", ""))


class PasswordForm(ChangePasswordForm):
    """Allauth's, with the same changes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = "Current password"
        self.fields["oldpassword"].help_text = ""
        self.fields["password1"].label = "New password"
        self.fields["password2"].label = "New password again"
        drop_placeholders(self)


class ForgottenForm(ResetPasswordForm):
    """Asks for the address. What follows is the same whether an account has it or not.

    Only an address that is known to be a person's gets a link, and nobody who logs in without a
    password.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "E-mail address"
        drop_placeholders(self)

    users: list[Person]

    def clean_email(self) -> str:
        email: str = super().clean_email()
        self.users = [
            user for user in self.users if user.email_verified and user.has_usable_password()
        ]
        return email

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        if self.users:
            email: str = super().save(request, **kwargs)
        else:  # as long as the other way
            email = self.cleaned_data["email"]
            get_adapter().send_mail("account/email/unknown_account", email, {"email": email})
        asked_for_reset.send(sender=type(self), request=request, users=self.users)
        return email


class NewPasswordForm(ResetPasswordKeyForm):
    """Allauth's, with labels in place of placeholders."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = "New password"
        self.fields["password2"].label = "New password again"
        drop_placeholders(self)


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # at run time it takes none
    """What people change themselves: not the e-mail address, which nobody could verify here."""

    class Meta:
        model = Person
        fields = ("first_name", "last_name")
        widgets = {
            "first_name": forms.TextInput({"autocomplete": "given-name"}),
            "last_name": forms.TextInput({"autocomplete": "family-name"}),
        }


class PersonForm(UserChangeForm):  # type: ignore[type-arg]  # at run time it takes none
    """The administration's, which says whose e-mail address is known to be theirs."""

    email_verified = forms.BooleanField(
        label="E-mail address verified",
        required=False,
        help_text="The address above is known to be this person’s; apps are told so. "
        "Changing the address takes the tick away: set it again afterwards.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["email_verified"] = self.instance.email_verified

    def clean_username(self) -> str:
        """As where an account is made: names that differ in case alone are one at log-in."""
        name: str = self.cleaned_data["username"]
        others = Person.objects.exclude(pk=self.instance.pk)
        if others.filter(username__iexact=name).exists():
            raise forms.ValidationError("A user with that username already exists.")
        return name

    def save(self, commit: bool = True) -> Any:
        # A tick that was there was for the address that was there.
        stale = "email" in self.changed_data and "email_verified" not in self.changed_data
        verified = self.cleaned_data["email_verified"] and not stale
        self.instance.verified_email = self.instance.email if verified else ""
        return super().save(commit)


def drop_placeholders(form: forms.Form) -> None:
    """They vanish when they are needed, and repeat the label."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
