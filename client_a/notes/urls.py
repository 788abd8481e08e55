from __future__ import annotations

from django.urls import path

from client_a.notes import views

urlpatterns = [
    path("", views.note_list, name="note-list"),
    path("new/", views.new_note, name="new-note"),
    path("<int:pk>/", views.note, name="note"),
    path("<int:pk>/edit/", views.edit_note, name="edit-note"),
    path("<int:pk>/delete/", views.delete_note, name="delete-note"),
]
