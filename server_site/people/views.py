from __future__ import annotations

import hashlib
import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.views import (
    INTERNAL_RESET_SESSION_KEY,
    LoginView,
    LogoutView,
    PasswordResetDoneView,
    PasswordResetFromKeyDoneView,
    PasswordResetFromKeyView,
    PasswordResetView,
)
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import quote_etag
from django.utils.text import get_text_list
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lab import table
from sso_kit.errors import HandShakeError
from sso_kit.pages import Page, refusal_page
from sso_kit.server.changes import BATCH
from sso_kit.server.ending import Act
from sso_kit.server.installed import signed_out_page
from sso_kit.server.signed_out import outcomes_of

from . import browsers, mailbox
from .asking import asking_app, asks_of
from .forms import ProfileForm
from .launcher import apps_for
from .models import Person

logger = logging.getLogger(__name__)
MOST_DIGITS = 12  # of a consumer's key
LONGEST_KEY = 200  # characters of what a mail's link has


class OwnFrame:
    """Gives allauth's pages the frame of ours, which some of its names hide."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]  # a view's
        for name in ("site", "login_url"):
            context.pop(name, None)
        return context


class LogInView(OwnFrame, LoginView):
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
        page: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return page

    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse
        try:
            answer = super().form_valid(form)
        except HandShakeError as error:
            page = Page.of(error, error.at_server).leading_to(reverse("home"), "Front page")
            answer = refusal_page(self.request, page)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["asking_app"] = asking_app(context["redirect_field_value"] or "")
        context["demo_people"] = demo_people() if settings.LAB_MODE else ()
        return context


class ForgottenView(OwnFrame, PasswordResetView):
    """Allauth's; a mail server that is away is said to be, whoever asks."""

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse
        try:
            response = super().form_valid(form)
        except (OSError, SMTPException) as error:
            logger.exception("mail not sent", exc_info=error)
            form.add_error(None, "The mail could not be sent just now. Try again in a few minutes.")
            response = self.form_invalid(form)
            response.status_code = 503
        return response


class NewPasswordView(OwnFrame, PasswordResetFromKeyView):
    """Allauth's, which says of a link that doesn't work any more that the request is refused."""

    def render_to_response(self, context: Any, **kwargs: Any) -> HttpResponse:
        status = 403 if context.get("token_fail") else 200
        response: HttpResponse = super().render_to_response(context, status=status, **kwargs)
        return response


class SentView(OwnFrame, PasswordResetDoneView):
    """Allauth's: look at your mail."""


class ChangedView(OwnFrame, PasswordResetFromKeyDoneView):
    """Allauth's: the new password counts."""


@require_safe
def reset_link(request: HttpRequest) -> HttpResponse:
    """Where the mail's link leads: takes the key out of the address before a page is shown."""
    person, _, key = request.GET.get("token", "")[:LONGEST_KEY].partition("-")
    if not person.isascii() or not person.isalnum():
        person = "0"
    request.session[INTERNAL_RESET_SESSION_KEY] = key
    wanted = {"uidb36": person, "key": NewPasswordView.reset_url_key}
    form: HttpResponse = redirect("account_reset_password_from_key", **wanted)
    return form


@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    """The lab's mailbox; elsewhere there is none."""
    if not settings.LAB_MODE:
        raise Http404
    return render(request, "people/mailbox.html", {"mails": mailbox.newest()})


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
def apps(request: HttpRequest) -> HttpResponse:
    """The lobby's list by itself, for the script that keeps it fresh: 304 while it is the same."""
    assert isinstance(request.user, Person)
    page = render(request, "people/apps.html", {"apps": apps_for(request.user)})
    tag = quote_etag(hashlib.sha256(page.content).hexdigest()[:32])
    page["ETag"] = tag
    if request.headers.get("If-None-Match") == tag:
        page = HttpResponseNotModified(headers={"ETag": tag})
    return page


@require_safe
@login_required
def sessions(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, Person)
    shown, more = browsers.of(request.user, request)
    context = {
        "browsers": shown,
        "more": more,
        "ended": browsers.record_of(request.user),
    }
    return render(request, "people/sessions.html", context)


@require_POST
@login_required
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Ends one, all others, or everything, and says what the apps say."""
    assert isinstance(request.user, Person)
    consumer = request.POST.get("app", "")
    if consumer.isascii() and consumer.isdecimal() and len(consumer) < MOST_DIGITS:
        act = browsers.leave(request.user, int(consumer))
    else:
        act = browsers.end(request.user, request, request.POST.get("end", ""))
    if not request.user.is_authenticated:
        return redirect(signed_out_page(act.batch))
    said = what_became_of(act)
    messages.success(request, said) if "not" not in said else messages.warning(request, said)
    return redirect("home" if consumer else "sessions")


def what_became_of(act: Act) -> str:
    endings = outcomes_of(act.batch)
    told = sorted({ending.app for ending in endings if ending.told})
    waiting = sorted({ending.app for ending in endings if not ending.told})
    words = ["Ended."]
    if told:
        words.append(f"{get_text_list(told, 'and')} confirmed it.")
    if waiting:
        names = get_text_list(waiting, "and")
        words.append(f"{names} did not confirm it yet, and asks by itself within a minute.")
    return " ".join(words)


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
    attributes = person.attribute_values.select_related("attribute").order_by("attribute__label")
    return render(request, "people/profile.html", {"form": form, "attributes": attributes})
