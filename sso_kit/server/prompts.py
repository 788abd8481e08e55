"""What a person who is signed in is asked before an app hears of them.

As OpenID Connect Core, 3.1.2.1, has it: ``prompt`` and ``max_age``. The app wishes, the consumer's
policy may want more; of the two the stricter counts.
"""

from __future__ import annotations

from django.http import HttpRequest

from .. import clock
from ..pages import Button, Page
from .models import ConsumerPolicy, Prompt
from .request_tokens import RequestToken
from .sessions import Proof

STRICTER = (Prompt.NOTHING, Prompt.SELECT_ACCOUNT, Prompt.LOG_IN)
CHOSEN = "continue"  # of the chooser's form


def wanted(token: RequestToken, policy: ConsumerPolicy) -> str:
    """The stricter of what app and policy want; a word that nobody knows is the strictest."""
    known = [each if each in STRICTER else Prompt.LOG_IN for each in (token.prompt, policy.prompt)]
    return str(max(known, key=STRICTER.index))


def still_to_ask(token: RequestToken, policy: ConsumerPolicy, proof: Proof) -> str:
    """What is left to ask of somebody who is signed in; nothing if they may go on.

    Who has logged in since the hand-shake began has proved and has chosen.
    """
    if proof.at >= token.issued and proof.at:
        return ""
    too_old = token.max_age is not None and clock.utc().timestamp() - proof.at > token.max_age
    return str(Prompt.LOG_IN) if too_old else wanted(token, policy)


def chooser(request: HttpRequest, consumer: str, log_in: str) -> Page:
    """As whom somebody wants to go on.

    Parameters:
        log_in: address of the log-in form, which leads back.
    """
    name = request.user.get_username()
    here = (("token", request.GET.get("token", "")), (CHOSEN, name))
    page = Page(
        title=f"Who goes on to {consumer}?",
        reason=f"You are signed in as {name}.",
        advice="",
        status=200,
        buttons=(Button(request.path, f"Continue as {name}", here),),
    )
    return page.leading_to(log_in, "Use another account")
