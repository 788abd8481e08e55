from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "lab_desk.desk"
