"""How long somebody's session at the server has left, for a script on its pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect

from ..errors import HandShakeError
from ..front_channel import FrontChannelView
from ..pages import Page, refusal_page
from . import sessions


class TimeLeftView(FrontChannelView):
    """As the app's ``client.views.TimeLeftView``: looking is no use of the session, POST is."""

    http_method_names = ["get", "post", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        signed_in = request.user.is_authenticated
        left, may_stay = sessions.time_left(request.session) if signed_in else (None, False)
        told = {
            "signed_in": signed_in,
            "seconds_left": None if left is None else max(0, int(left)),
            "may_stay": may_stay,
        }
        return JsonResponse(told)

    @method_decorator(csrf_protect)
    def post(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            sessions.use_now(request.session)
        return self.get(request)

    def refused(self, request: HttpRequest, error: HandShakeError) -> HttpResponse:
        return refusal_page(request, Page.of(error, error.at_server))
