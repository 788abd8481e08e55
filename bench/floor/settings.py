from __future__ import annotations

import os

SECRET_KEY = "floor-" * 10
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "bench.floor.urls"
WSGI_APPLICATION = "bench.floor.wsgi.application"
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]  # Content-Length
INSTALLED_APPS: list[str] = []
USE_TZ = True
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]

SERVER_URL = os.environ["SERVER_URL"]  # as browsers reach it
APP_URL = os.environ["APP_URL"]
BACK_CHANNEL_URL = os.environ["BACK_CHANNEL_URL"]
