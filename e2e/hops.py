"""Records what a browser requests: every redirect of a hand-shake is a hop."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import BrowserContext, Request, Response

from tests.support.browser import Hop


class Hops:
    """All requests of a browser context since ``clear()``, in order."""

    def __init__(self, context: BrowserContext) -> None:
        self.requests: list[Request] = []
        self._navigations: list[Hop] = []
        context.on("request", self._note_request)
        context.on("response", self._note)

    def clear(self) -> None:
        self.requests.clear()
        self._navigations.clear()

    @property
    def all(self) -> list[Hop]:
        """Navigations only: what a person would see in the address bar, had they the time."""
        return list(self._navigations)

    @property
    def steps(self) -> list[str]:
        """``GET app-a.localhost/sso/ 302``, without queries, which differ each time."""
        return [f"{hop.step} {hop.status}" for hop in self._navigations]

    def values_of(self, *parameters: str) -> set[str]:
        """The values that these query parameters had in any request."""
        queries = (parse_qsl(urlsplit(request.url).query) for request in self.requests)
        return {value for pairs in queries for name, value in pairs if name in parameters}

    def _note_request(self, request: Request) -> None:
        self.requests.append(request)

    def _note(self, response: Response) -> None:
        if response.request.is_navigation_request():
            self._navigations.append(Hop(response.request.method, response.url, response.status))
