"""What the views of both sides have in common that people's browsers come to."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.generic import View

from .at_hand import serving
from .errors import HandShakeError
from .installation import need_tables
from .pages import wrong_method_page
from .responses import discard, protect


class FrontChannelView(View):
    """A refusal is a page, every answer is protected, and no body is left unread."""

    http_method_names = ["get", "options"]  # no HEAD: a look must not use a token up

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """A hand-shake begins with nobody signed in: ``LoginRequiredMiddleware`` lets it be."""
        return login_not_required(super().as_view(**initkwargs))

    def refused(self, request: HttpRequest, error: HandShakeError) -> HttpResponse:
        """The page for a hand-shake that ended here."""
        raise NotImplementedError

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: Any
        with serving(request):
            try:
                with need_tables():
                    response = super().dispatch(request, *args, **kwargs)
            except HandShakeError as error:
                response = self.refused(request, error)
        discard(request)
        protect(response)
        return response  # type: ignore[no-any-return]  # views may stream; these don't

    def http_method_not_allowed(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        return wrong_method_page(request, [name.upper() for name in self.http_method_names])
