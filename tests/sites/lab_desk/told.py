"""What sites and nginx tell, made by hand: whole stories, and pieces of them."""

from __future__ import annotations

import time
from typing import Any

from sso_kit.events import Step

SHAKE = "AbCdEf0123"
COOKIE = "sso_handshake_abcdef_ghijkl"
BEGAN = time.time() - 30


def step(name: Step, at: float, details: dict[str, Any] | None = None, **facts: Any) -> Any:
    return {
        "step": name.name,
        "at": at,
        "level": name.level,
        "facts": facts,
        "details": details or {},
    }


def record(
    site: str,
    ident: str,
    at: float,
    steps: list[Any],
    request: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    return {
        "v": 1, "site": site, "id": ident, "at": at, "request": request, "steps": steps, "off": [],
        **more,
    }  # fmt: skip


def request(method: str, path: str, status: int, **more: Any) -> dict[str, Any]:
    return {"method": method, "path": path, "status": status, "ms": 5.0, **more}


def hop(
    ident: str, host: str, path: str, status: int, at: float, method: str = "GET", **more: str
) -> dict[str, Any]:
    """As nginx has it: numbers are texts."""
    told = {
        "id": ident, "at": f"{at:.3f}", "host": host, "method": method, "path": path,
        "status": str(status), "bytes_in": "600", "bytes_out": "900", "seconds": "0.006",
        "upstream_status": str(status), **more,
    }  # fmt: skip
    return {"v": 1, "hop": told}


def answered(path: str, at: float, shake: str = SHAKE, **more: Any) -> Any:
    """An app's question and its answer."""
    details = {
        "method": "POST", "path": f"/sso/{path}", "question": {"nonce": "Abc123…"},
        "answer": {"subject": "1"}, "dialect": "hardened", "algorithm": "HMAC-SHA256",
        "key": "0123456789ab", "signature": "verified", "age_s": 0.1, "limit_s": 30, "ms": 4.0,
        "bytes_sent": 300, "bytes_received": 500, "status": 200, **more,
    }  # fmt: skip
    return step(Step.ANSWERED, at, details, path=path, handshake=shake)


def silent_log_in(
    shake: str = SHAKE,
    user: str = "alice",
    began: float = BEGAN,
    cookies: tuple[str, ...] = (COOKIE,),
) -> list[dict[str, Any]]:
    """Helpdesk, where the server knows the person: as its six records and three hops."""
    one, two, three = (f"{shake}-request-{number}" for number in (1, 2, 3))
    fact: dict[str, Any] = {"handshake": shake}
    begun = {"cookie": COOKIE, "dialect": "hardened"}
    return [
        record("client-b", one, began, [
            step(Step.BEGUN, began + 0.001, begun, **fact),
            answered("request-token/", began + 0.008, shake),
        ], request("GET", "/tickets/", 302, location={"to": "/sso/authorize/", "query": {}})),
        record("server", one, began + 0.003, [
            step(Step.REQUEST_TOKEN_ISSUED, began + 0.005, consumer="Helpdesk", **fact),
        ], request("POST", "/sso/request-token/", 200)),
        record("server", two, began + 0.02, [
            step(Step.ACCESS_TOKEN_ISSUED, began + 0.022, user=user, consumer="Helpdesk", **fact),
        ], request("GET", "/sso/authorize/", 302)),
        record("client-b", three, began + 0.03, [
            answered("verify/", began + 0.04, shake),
            step(Step.SIGNED_IN, began + 0.045, user=user, **fact),
        ], request("GET", "/sso/authenticate/", 302, cookies=list(cookies))),
        record("server", three, began + 0.033, [
            step(Step.PERSON_VERIFIED, began + 0.036, user=user, consumer="Helpdesk", **fact),
        ], request("POST", "/sso/verify/", 200)),
        hop(one, "app-b.localhost", "/tickets/", 302, began + 0.01),
        hop(two, "sso.localhost", "/sso/authorize/", 302, began + 0.025),
        hop(three, "app-b.localhost", "/sso/authenticate/", 302, began + 0.05),
    ]  # fmt: skip


def somebody_elses_link(shake: str = "Stranger01", began: float = BEGAN) -> list[dict[str, Any]]:
    """A genuine link in a browser that never asked for it."""
    *first, finish, _, _, _, _ = silent_log_in(shake, "mallory", began)
    reason = "This sign-in was begun in another browser."
    refused = record("client-b", finish["id"], began + 0.03, [
        step(Step.FOREIGN_TOKEN_BURNT, began + 0.035),
        step(Step.REFUSED, began + 0.036, handshake=shake, code="token", reason=reason),
    ], request("GET", "/sso/authenticate/", 403, cookies=["something_else"]))  # fmt: skip
    return [*first, refused]


def log_out(batch: str = "Batch-0123456789", began: float = BEGAN) -> list[dict[str, Any]]:
    """At the server; Notes is told."""
    call = {"path": "/sso/session-ended/", "ms": 3.0, "status": 200, "signature": "verified"}
    return [
        record("server", "request-log-out", began, [
            step(Step.LOGGED_OUT, began + 0.001, user="alice", batch=batch),
            step(Step.SIGN_IN_ENDED, began + 0.002, user="alice", consumer="Notes", batch=batch,
                 cause="log-out"),
            step(Step.APP_TOLD, began + 0.009, call, consumer="Notes", user="alice", batch=batch),
        ], request("POST", "/accounts/logout/", 302)),
        record("client-a", batch, began + 0.006, [
            step(Step.TOLD_OF_END, began + 0.007, cause="log-out"),
        ], request("POST", "/sso/session-ended/", 200)),
    ]  # fmt: skip
