from django.apps import AppConfig


class LookConfig(AppConfig):
    name = "site_common.look"
    label = "look"
    verbose_name = "Look"
