from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView, LogoutView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import get_text_list
from django.views.decorators.http import require_http_methods, require_safe

from lab import table
from sso_kit.errors import HandShakeError
from sso_kit.pages import Page, refusal_page
from sso_kit.server.changes import BATCH
from sso_kit.server.installed import signed_out_page

from .asking import asking_app, asks_of
from .forms import ProfileForm
from .launcher import apps_for
from .models import Person


class LogInView(LoginView):
    """Says which app asks and, in lab mode, who the demo people are.

    Who is signed in sees it only where the app wants them to log in anew, or as somebody else.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        next_url = request.GET.get("next", "")
        if (
            request.user.is_authenticated
            and request.method != "POST"
            and not asks_of(request, next_url)
        ):
            return redirect(self.get_authenticated_redirect_url())
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except HandShakeError as error:
            page = Page.of(error, error.at_server)
            return refusal_page(self.request, page.leading_to(reverse("home"), "Front page"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        for name in ("site", "login_url"):  # allauth's hide those of the page's frame
            del context[name]
        context["asking_app"] = asking_app(context["redirect_field_value"] or "")
        context["demo_people"] = demo_people() if settings.LAB_MODE else ()
        return context


class LogOutView(LogoutView):
    """Allauth's, which ends by saying app by app what became of it."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post(*args, **kwargs)
        batch = getattr(self.request, BATCH, "")
        return redirect(signed_out_page(batch)) if batch else response


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
