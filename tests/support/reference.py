"""The verb ``reference``: writes docs/api.md from the docstrings of what the kit promises."""

from __future__ import annotations

import re
from typing import Any

from griffe import GriffeLoader, Parser
from griffe2md import render_object_docs
from griffe2md._internal.config import default_config

from lab.console import say
from lab.table import ROOT

PAGE = ROOT / "docs" / "api.md"
HEAD = """\
# API reference of sso_kit

Written from the docstrings of `sso_kit/` by `make reference`. Settings, commands, checks and what
to do with all of it: [sso-kit.md](sso-kit.md). What isn't here may change in any release.
"""
KINDS = ("NotConfigured", "AccessDenied", "NameClash", "ServerUnrecognised", "ServerUnavailable")
# What each import brings, and what of the rest a project may use.
CHAPTERS: dict[str, tuple[str, ...]] = {
    "sso_kit.client": (
        "client.client.Client",
        "client.views.LoginView",
        "client.views.AuthenticateView",
        "client.views.LogoutView",
        "client.views.SignedOutView",
    ),
    "sso_kit.client.decorators": (
        "client.decorators.login_required",
        "client.decorators.passive_login",
    ),
    "sso_kit.server": (
        "server.server.Server",
        "server.views.AuthorizeView",
        "server.providers.RequestTokenProvider",
        "server.providers.VerificationProvider",
        "server.admin.ConsumerAdmin",
    ),
    "sso_kit.server.provisioning": (
        "server.provisioning.ensure_consumer",
        "server.provisioning.overwrite_consumer",
    ),
    "sso_kit.server.rotation": ("server.rotation.rotate", "server.rotation.revoke_key"),
    "sso_kit.events": ("events.Step", "events.tell"),
    "sso_kit.errors": ("errors.HandShakeError", *(f"errors.{name}" for name in KINDS)),
    "sso_kit.contrib": (
        "contrib.bodies.read_to_the_end",
        "contrib.headers.SecurityHeadersMiddleware",
        "contrib.logs.JsonFormatter",
        "contrib.reporting.TokenFreeReporter",
        "contrib.sessions.SessionStore",
    ),
}
LOOK = {
    **default_config,
    "filters": ["!^_"],
    "heading_level": 3,
    "show_bases": False,
    "show_if_no_docstring": False,
    "show_object_full_path": False,
    "show_root_full_path": False,
    "show_root_heading": True,
    "show_root_members_full_path": False,
    "signature_crossrefs": False,
    "summary": False,
}
TYPE = re.compile(r"<code>(.*?)</code>")
DOUBLE = re.compile(r"(?<!`)``(?!`)")
LINK = re.compile(r"\[([^\[\]]*)\]\(#[^)]*\)")


def run() -> int:
    PAGE.write_text(page())
    say(f"Written: {PAGE.relative_to(ROOT)}")
    return 0


def page() -> str:
    package = loaded()
    chapters = (
        "\n".join([f"## {name}\n", *(_entry(package[path]) for path in paths)])
        for name, paths in CHAPTERS.items()
    )
    return "\n".join([HEAD, *chapters]).rstrip() + "\n"


def loaded() -> Any:
    """The kit, read and not imported: griffe's object."""
    loader = GriffeLoader(search_paths=[ROOT], docstring_parser=Parser.google)
    package = loader.load("sso_kit")
    loader.resolve_aliases()
    return package


def _entry(of: Any) -> str:
    text = render_object_docs(of, LOOK)
    text = TYPE.sub(r"`\1`", LINK.sub(r"\1", text))
    text = re.sub(r"::$", ":", DOUBLE.sub("`", text), flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
