from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm


class LocalForm(LoginForm):
    """Allauth's, with labels in place of placeholders."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "User name"
        self.fields["password"].help_text = ""
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
