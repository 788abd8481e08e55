from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "client_b.tickets"
