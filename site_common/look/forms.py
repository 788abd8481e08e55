"""``FORM_RENDERER = "site_common.look.forms.LookRenderer"`` makes ``{{ form }}`` look right."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates


class LookRenderer(DjangoTemplates):
    form_template_name = "look/form/form.html"
    field_template_name = "look/form/field.html"


class LongText(forms.CharField):
    """Several lines of text. A line break counts once, as it does in the browser."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")
