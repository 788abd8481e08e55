from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("", views.stories, name="inspector"),
    path("rows/", views.rows, name="inspector-rows"),
    path("compare/", views.comparison, name="inspector-compare"),
    path("latest/", views.latest, name="inspector-latest"),
    path("<str:name>/", views.story, name="inspector-story"),
    path("<str:name>/live/", views.live, name="inspector-live"),
    path("<str:name>/diagram.mmd", views.mermaid, name="inspector-mermaid"),
    path("<str:name>/diagram.json", views.as_json, name="inspector-json"),
    path("<str:name>/diagram.har", views.har, name="inspector-har"),
]
