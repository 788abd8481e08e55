from __future__ import annotations

from django.urls import include, path

from lab_desk.desk.views import front, protocol
from site_common.health import healthz

urlpatterns = [
    path("", front, name="front"),
    path("protocol/", protocol, name="protocol"),
    path("inspector/", include("lab_desk.inspector.urls")),
    path("healthz", healthz),
]
