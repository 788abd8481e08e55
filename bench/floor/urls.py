"""Both roles in one file: four front-channel requests and one call on the back channel."""

from __future__ import annotations

import os

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template import engines
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from sso_kit.back_channel import route  # Unix sockets, which urllib3 has not

SERVER_URL, APP_URL = os.environ["SERVER_URL"], os.environ["APP_URL"]  # as browsers know them
PAGE = engines["django"].from_string("<!doctype html><title>Floor</title><p>{{ who }}</p>")
pool = route.to(os.environ["BACK_CHANNEL_URL"], 4).connections


def page(request: HttpRequest) -> HttpResponse:
    """Client: the protected page."""
    if "session" not in request.COOKIES:
        return HttpResponseRedirect(f"{SERVER_URL}/authorize/")
    return HttpResponse(PAGE.render({"who": request.COOKIES["session"]}, request))


def authorize(request: HttpRequest) -> HttpResponse:
    """Server: who has its cookie goes back with a "token"."""
    who = request.COOKIES.get("who", "nobody")
    return HttpResponseRedirect(f"{APP_URL}/authenticate/?token={who}")


def authenticate(request: HttpRequest) -> HttpResponse:
    """Client: ask the server about the "token", and remember the answer in a cookie."""
    who = pool.request("POST", "/verify/", body=request.GET["token"]).data.decode()
    response = HttpResponseRedirect("/page/")
    response.set_cookie("session", who)
    return response


@csrf_exempt
def verify(request: HttpRequest) -> HttpResponse:
    """Server, back channel: everybody is who they say."""
    return HttpResponse(request.body)


urlpatterns = [
    path("page/", page),
    path("authorize/", authorize),
    path("authenticate/", authenticate),
    path("verify/", verify),
]
