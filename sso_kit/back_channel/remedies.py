"""What whoever runs the app can do about a server that refuses, or isn't reached.

The kit's own server names its refusals (``errors.REFUSALS``), and each kind has its remedy.
What answers without such a name is stock, or no identity server at all.
"""

from __future__ import annotations

from ..errors import ClocksApart, PublicKeyUnknown, SignatureRefused

MIGRATE = (
    "The server speaks django-simple-sso's own format: migrate it to sso_kit.server, or say "
    "Client(..., legacy_server=True) meanwhile."
)
# ``BaseProvider.get_response`` in stock's ``utils.py``.
STOCK_SAYS = {
    "Invalid public key": PublicKeyUnknown.remedy_at_app,
    "Bad Signature": SignatureRefused.remedy_at_app,
    "Signature expired": f"{ClocksApart.remedy_at_app} If they agree, the server's itsdangerous "
    "counts a signature's time from another year (0.24: 2011; 1.0 and later: 1970): "
    "Client(..., legacy_server=True) needs the same version here, or migrate the server.",
    "Failed to process the request": "The server took the message and failed: its own log, or a "
    "debugger there, says why; stock keeps it to itself.",
}
PROXY_WANTS_A_NAME = (
    "The proxy wants a user name and a password: http://NAME:PASSWORD@HOST:PORT in HTTP_PROXY or "
    "HTTPS_PROXY; or name the server in NO_PROXY."
)
CERTIFICATE = (
    "No certificate authority known here has signed the server's certificate, or it is for "
    "another name. Its authority's file: REQUESTS_CA_BUNDLE=FILE in this app's environment."
)


def of_answer(url: str, status: int, text: str, legacy: bool) -> str:
    """For a refusal that came without a code; nothing where nothing is known.

    Parameters:
        url: that was asked.
        legacy: whether the app speaks stock's format.
    """
    if status == 407:
        return PROXY_WANTS_A_NAME
    if status == 400 and text in STOCK_SAYS:
        return STOCK_SAYS[text] if legacy or text != "Bad Signature" else MIGRATE
    if status in (301, 302, 303, 307, 308):
        return f"{url} leads elsewhere, and nobody follows: let Client(...) have the final address."
    if 400 <= status < 500:
        return (
            f"No identity server answers at {url}: look at server_url and back_channel_url, and "
            "at ALLOWED_HOSTS of the server."
        )
    return ""


def of_failure(url: str, error: Exception) -> str:
    """For a question that never got an answer."""
    said = str(error)
    if "407" in said and "Tunnel" in said:
        return PROXY_WANTS_A_NAME
    if "CERTIFICATE_VERIFY_FAILED" in said:
        return CERTIFICATE
    return f"Is the identity server up, and does this machine reach {url}?"
