"""``FORM_RENDERER = "sso_kit.look.forms.LookRenderer"`` makes ``{{ form }}`` look right."""

from __future__ import annotations

from django.forms.renderers import DjangoTemplates


class LookRenderer(DjangoTemplates):
    form_template_name = "look/form/form.html"
    field_template_name = "look/form/field.html"
