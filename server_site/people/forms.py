from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm
from django import forms

from .models import Person


class LogInForm(LoginForm):
    """Allauth's, with labels in place of placeholders and no reset link."""

    template_name = "people/log_in_form.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "User name"
        self.fields["login"].widget.attrs |= {
            "autocapitalize": "none",
            "spellcheck": "false",
            "autofocus": True,
        }
        self.fields["password"].help_text = ""
        drop_placeholders(self)


class PasswordForm(ChangePasswordForm):
    """Allauth's, with the same changes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = "Current password"
        self.fields["oldpassword"].help_text = ""
        self.fields["password1"].label = "New password"
        self.fields["password2"].label = "New password again"
        drop_placeholders(self)


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Person
        fields = ("first_name", "last_name", "email")
        widgets = {
            "first_name": forms.TextInput({"autocomplete": "given-name"}),
            "last_name": forms.TextInput({"autocomplete": "family-name"}),
            "email": forms.EmailInput({"autocomplete": "email"}),
        }


def drop_placeholders(form: forms.Form) -> None:
    """They vanish when they are needed, and repeat the label."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
