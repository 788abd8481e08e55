from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import get_text_list
from django.views.decorators.http import require_http_methods, require_safe

from lab import table

from .asking import asking_app
from .forms import ProfileForm
from .launcher import apps_for
from .models import Person


class LogInView(LoginView):
    """Says which app asks and, in lab mode, who the demo people are."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        for name in ("site", "login_url"):  # allauth's hide those of the page's frame
            del context[name]
        context["asking_app"] = asking_app(context["redirect_field_value"] or "")
        context["demo_people"] = demo_people() if settings.LAB_MODE else ()
        return context


def demo_people() -> list[table.Person]:
    """Those of the table whom no administrator has deleted or renamed."""
    listed = {person.username: person for person in table.load().people}
    there = set(Person.objects.filter(username__in=listed).values_list("username", flat=True))
    return [person for name, person in listed.items() if name in there]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    person = request.user
    apps = apps_for(person) if isinstance(person, Person) else []
    askers = get_text_list([client.title for client in table.load().clients], "and")
    return render(request, "people/home.html", {"apps": apps, "askers": askers})


@require_safe
@login_required
def consumers(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, Person)
    return render(request, "people/consumers.html", {"apps": apps_for(request.user)})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, Person)
    # A copy: a refused form must not change the name in the page's header.
    person = Person.objects.get(pk=request.user.pk)
    sent = request.POST if request.method == "POST" else None
    form = ProfileForm(sent, instance=person)
    if form.is_valid():
        form.save()
        messages.success(request, "Saved. An app hears of it when you next sign in there.")
        return redirect("profile")
    return render(request, "people/profile.html", {"form": form})
