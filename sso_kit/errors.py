"""Why a hand-shake is refused: each kind of refusal, and everything that follows from it.

The sentence that explains one refusal stands where it is raised, beside its condition:

    if kept.token.older_than(LIFETIME, now):
        raise TokenRefused("The access token is too old.")

The code goes over the back channel in a header, so that the app refuses as the server did.
After ory/fosite's ``errors.go``: one value a kind, with a hint for the case at hand.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from simple_sso.exceptions import WebserviceError


@dataclass(frozen=True)
class Words:
    """What a page says above and below the sentence: what happened, and what to do next."""

    title: str
    advice: str


NOT_SET_UP = Words(
    "This app isn't set up for sign-in yet", "Whoever runs it finds the remedy in its log."
)


class HandShakeError(WebserviceError):
    """A hand-shake that ends here; ``str(error)`` is one sentence for a person.

    Attributes:
        status: HTTP status that the browser, or the app, gets.
        code: short name for the back channel, logs and tests.
        level: of its line in the log of the side that refuses.
        remedy: for that line: what whoever runs this side can do about it. Never on a page.
        remedy_at_app: the same for the app's log, where it is the server that refuses.
        reference: the hand-shake's id in the logs, where it is known.
        at_app, at_server: the rest of the page at either side.
        may_be_tried_again: whether to sign in again can help.
    """

    status = 403
    code = "refused"
    level = logging.WARNING
    remedy_at_app = ""
    reference = ""
    at_app = Words(
        "Nobody was signed in",
        "If you followed a link from somebody, don't trust it. To sign in yourself, begin here.",
    )
    at_server = Words("This sign-in can't go on", "Go back to the app and sign in from there.")
    may_be_tried_again = True

    def __init__(self, sentence: str = "", *, remedy: str = "") -> None:
        super().__init__(sentence)
        self.remedy = remedy

    @property
    def facts(self) -> dict[str, str]:
        """What the log says of it."""
        told = {"code": self.code, "reason": str(self)}
        return told | ({"remedy": self.remedy} if self.remedy else {})


class MessageRefused(HandShakeError):
    """A signed message that is garbled, forged, stale, or the answer to something else."""

    status = 400
    code = "message"


class PublicKeyUnknown(MessageRefused):
    """A message of an app that the server doesn't know."""

    code = "public-key"
    at_app = NOT_SET_UP
    remedy_at_app = (
        "Look at the public key that Client(...) is given: at the server, sso_consumer NAME "
        "shows the one that it knows this app by."
    )


class SignatureRefused(MessageRefused):
    """A message that none of the private keys of its app has signed."""

    code = "signature"
    at_app = NOT_SET_UP
    remedy_at_app = (
        "This app's private key isn't the one that the server has for it. There, "
        "sso_consumer NAME --write-key FILE writes it to a file; give that to Client(...)."
    )


class FormatRefused(SignatureRefused):
    """A message that is signed as stock does, of an app that isn't marked legacy."""

    code = "format"
    remedy_at_app = (
        "The server has been migrated: take legacy_server=True out of Client(...). Meanwhile, and "
        "weaker: sso_consumer NAME --legacy there."
    )


class ClocksApart(MessageRefused):
    """A message that was signed at another time than it is read."""

    code = "clock"
    remedy_at_app = "Compare the clocks of app and server; both should be set by NTP."

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence, remedy=self.remedy_at_app)


class TokenRefused(HandShakeError):
    """An access or request token that is unknown, used, expired, or somebody else's."""

    code = "token"


class LinkDamaged(TokenRefused):
    """A link whose request token is missing, garbled or forged."""

    status = 400


class TokenSpent(TokenRefused):
    """An access token that this very browser's hand-shake has redeemed before.

    That is how a hand-shake looks whose first answer was lost on the way, with the worker
    that had asked or the one that answered.
    """

    code = "spent"


class OriginRefused(HandShakeError):
    """A ``redirect_to`` that is not registered for the consumer."""

    status = 400
    code = "origin"
    at_app = NOT_SET_UP


class AccessDenied(HandShakeError):
    """The person is known, but may not enter this consumer."""

    code = "access"
    at_app = Words("You may not enter this app", "Ask whoever runs this app to let you in.")
    at_server = Words(
        "You may not enter this app",
        "Ask whoever runs it to let you in, or sign in as somebody else.",
    )
    may_be_tried_again = False


class NotFresh(HandShakeError):
    """A person was to prove anew who they are, and the server's answer doesn't say so."""

    code = "not-fresh"
    at_app = Words("You have to prove who you are once more", "Sign in again, with your password.")


class NotLinked(HandShakeError):
    """An account and an identity that are to be linked, or unlinked, and one proof is missing."""

    code = "not-linked"
    at_app = Words("Nothing was changed", "Go back, and begin again with your password.")
    may_be_tried_again = False


class TooMuchData(HandShakeError):
    """What the server would have to say of one person doesn't fit into an answer."""

    code = "too-much-data"
    at_app = Words(
        "There is too much to know about you",
        "Nobody else is concerned. Ask whoever runs the identity server to take you out of "
        "groups that you don't need.",
    )
    may_be_tried_again = False


class NotConfigured(HandShakeError):
    """Something that only whoever runs this app can say is not said."""

    status = 503
    code = "not-configured"
    level = logging.ERROR
    at_app = NOT_SET_UP
    may_be_tried_again = False


class ServerUnrecognised(HandShakeError):
    """An identity server that isn't the one whose people have their accounts here."""

    status = 409
    code = "server-unrecognised"
    level = logging.ERROR
    at_app = Words(
        "This app doesn't recognise its identity server",
        "Nothing is lost. Whoever runs this app finds the remedy in its log.",
    )
    may_be_tried_again = False


class NameClash(HandShakeError):
    """A local account that is not this person's has the same name or e-mail address.

    Parameters:
        account: the local one that is in the way, where it is known.
        advice: what the person can do about it.
    """

    status = 409
    code = "name-clash"
    at_app = Words(
        "Your name is taken in this app",
        "Ask whoever runs this app to link the account to you.",
    )
    may_be_tried_again = False

    def __init__(self, sentence: str, account: object = None, advice: str = "") -> None:
        super().__init__(sentence)
        self.account = account
        if advice:
            self.at_app = Words(self.at_app.title, advice)


class ServerUnavailable(HandShakeError):
    """The identity server did not answer usefully within the time budget."""

    status = 503
    code = "unavailable"
    at_app = Words(
        "Sign-in is not available right now",
        "Nothing is lost. Wait a moment, then try again; public pages work meanwhile.",
    )


# What the back channel may refuse with, by the code that its header names.
REFUSALS: dict[str, type[HandShakeError]] = {
    kind.code: kind
    for kind in (
        MessageRefused,
        PublicKeyUnknown,
        SignatureRefused,
        FormatRefused,
        ClocksApart,
        TokenRefused,
        TokenSpent,
        OriginRefused,
        AccessDenied,
        TooMuchData,
    )
}
