from __future__ import annotations

from typing import Any

from django import forms

from client_b.tickets.models import Comment, Ticket
from site_common.look.forms import LongText


class TicketForm(forms.ModelForm):  # type: ignore[type-arg]  # at run time it takes none
    class Meta:
        model = Ticket
        fields = ["subject", "description"]
        field_classes = {"description": LongText}
        labels = {"description": "What happened?"}
        help_texts = {
            "subject": "One line that tells this ticket from the others.",
            "description": "What you did, what you expected and what you saw instead.",
        }
        widgets = {"description": forms.Textarea(attrs={"rows": 9})}


class CommentForm(forms.ModelForm):  # type: ignore[type-arg]  # at run time it takes none
    class Meta:
        model = Comment
        fields = ["body"]
        field_classes = {"body": LongText}
        labels = {"body": "Your comment"}
        widgets = {"body": forms.Textarea(attrs={"rows": 4})}


class StatusForm(forms.Form):
    """Offers what this person may make of the ticket, and takes nothing else."""

    status = forms.ChoiceField(label="New status")

    def __init__(self, ticket: Ticket, agent: bool, data: Any = None) -> None:
        super().__init__(data)
        statuses = ticket.next_statuses(agent=agent)
        field: Any = self.fields["status"]
        field.choices = [(status.value, status.label) for status in statuses]
