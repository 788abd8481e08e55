from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from client_a.notes.forms import NoteForm
from client_a.notes.models import Note, NoteQuerySet
from site_common.lists import page_of, searched_text
from site_common.requests import PersonsRequest
from sso_kit.client.decorators import login_required, passive_login

NOTES_PER_PAGE = 12

page_or_form = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@passive_login
def front(request: HttpRequest) -> HttpResponse:
    return render(request, "notes/front.html")


@require_safe
@login_required
def note_list(request: PersonsRequest) -> HttpResponse:
    text = searched_text(request)
    notes = Note.objects.owned_by(request.user).containing(text)
    page = page_of(request, notes, NOTES_PER_PAGE, NoteQuerySet.for_list)
    return render(request, "notes/list.html", {"page": page, "q": text})


@require_safe
@login_required
def note(request: PersonsRequest, pk: int) -> HttpResponse:
    return render(request, "notes/detail.html", {"note": _own_note(request, pk)})


@page_or_form
@login_required
def new_note(request: PersonsRequest) -> HttpResponse:
    return _edit(request, Note(owner=request.user), "Your note is saved.")


@page_or_form
@login_required
def edit_note(request: PersonsRequest, pk: int) -> HttpResponse:
    return _edit(request, _own_note(request, pk), "Your changes are saved.")


@page_or_form
@login_required
def delete_note(request: PersonsRequest, pk: int) -> HttpResponse:
    note = _own_note(request, pk)
    if request.method != "POST":
        return render(request, "notes/delete.html", {"note": note})
    note.delete()
    messages.success(request, f"“{note.title}” is deleted.")
    return redirect("note-list")


def _own_note(request: PersonsRequest, pk: int) -> Note:
    """404, not 403: whether somebody else's note exists is nobody's business."""
    return get_object_or_404(Note.objects.owned_by(request.user), pk=pk)


def _edit(request: PersonsRequest, note: Note, success: str) -> HttpResponse:
    form = NoteForm(request.POST if request.method == "POST" else None, instance=note)
    if form.is_valid():
        saved = form.save()
        messages.success(request, success)
        return redirect(saved)
    status = 422 if form.is_bound else 200
    return render(request, "notes/form.html", {"form": form, "note": note}, status=status)
