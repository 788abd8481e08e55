from __future__ import annotations

from django.apps import AppConfig


class Staying(AppConfig):
    name = "sso_kit.contrib.staying"
    label = "sso_kit_staying"
