from __future__ import annotations

from django import forms

from client_a.notes.models import Note
from site_common.look.forms import LongText


class NoteForm(forms.ModelForm):  # type: ignore[type-arg]  # at run time it takes none
    class Meta:
        model = Note
        fields = ["title", "body"]
        field_classes = {"body": LongText}
        labels = {"body": "Text"}
        widgets = {"body": forms.Textarea(attrs={"rows": 14})}
