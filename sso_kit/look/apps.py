from django.apps import AppConfig


class LookConfig(AppConfig):
    name = "sso_kit.look"
    label = "look"
    verbose_name = "Look"
