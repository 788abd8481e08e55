from __future__ import annotations

from django.urls import path

from client_b.tickets import views

urlpatterns = [
    path("", views.ticket_list, name="ticket-list"),
    path("new/", views.new_ticket, name="new-ticket"),
    path("<int:pk>/", views.ticket, name="ticket"),
    path("<int:pk>/comments/", views.add_comment, name="add-comment"),
    path("<int:pk>/status/", views.set_status, name="set-status"),
]
