from django.apps import AppConfig


class InspectorConfig(AppConfig):
    name = "lab_desk.inspector"
