from django.apps import AppConfig


class NotesConfig(AppConfig):
    name = "client_a.notes"
