"""What became of a story, and what is remarkable about it: from its steps, and nothing else."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from lab import table
from sso_kit.events import ERROR, WARNING, Step

from .book import Story
from .records import Taken

GIVEN_UP = 660  # seconds after which nobody comes back: the state's life
LATELY = 600  # seconds that a finding is on top of the list


class Kind(StrEnum):
    """What a story is; its value is for people."""

    LOG_IN = "Log-in"
    SILENT = "Silent log-in"
    QUESTION = "Silent question"
    AT_SERVER = "Log-in at the server"
    LOG_OUT = "Log-out"
    REVOCATION = "Revocation"
    TIME_OUT = "Time-out"
    CHECK = "Session check"
    KEYS = "Keys"
    STRANGER = "Stranger's message"
    OTHER = "Other"


class Severity(IntEnum):
    """How remarkable something is."""

    PLAIN = 0
    NOTICE = 1
    WARNING = 2
    DANGER = 3

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Finding:
    """Something worth to know, in a sentence."""

    severity: Severity
    sentence: str


@dataclass(frozen=True)
class Verdict:
    """What the list says of a story.

    Attributes:
        who: user name; empty: nobody yet.
        apps: titles of sites.
        outcome: in a few words; ``state`` is one word of it, for filters and colours:
            ``good``, ``refused``, ``open``, ``over`` or ``plain``.
        profile: the format, and which defences were off.
        ms: from the first request to the last answer.
    """

    kind: Kind
    who: str
    apps: tuple[str, ...]
    outcome: str
    state: str
    profile: str
    ms: float
    findings: tuple[Finding, ...]

    @property
    def worst(self) -> Finding | None:
        return max(self.findings, key=lambda finding: finding.severity, default=None)


STATES = {
    "good": "signed in, or well",
    "refused": "refused or failed",
    "open": "under way",
    "over": "signed out or ended",
    "plain": "anything else",
}
REFUSALS = (
    Step.REFUSED,
    Step.AUTHORIZE_REFUSED,
    Step.QUESTION_REFUSED,
    Step.CALL_REFUSED,
    Step.ANSWER_REFUSED,
    Step.ANSWER_UNFIT,
    Step.NO_ANSWER,
)
ENDS = (Step.LOGGED_OUT, Step.SIGNED_OUT, Step.SIGN_IN_ENDED, Step.TOLD_OF_END)
# How the last word of a story is put. Of several the latest step counts.
LAST_WORDS: dict[Step, tuple[str, str]] = {
    Step.SIGNED_IN: ("signed in", "good"),
    Step.NOBODY_THERE: ("nobody there: goes on as a guest", "plain"),
    Step.REFUSED: ("refused", "refused"),
    Step.AUTHORIZE_REFUSED: ("refused by the server", "refused"),
    Step.QUESTION_REFUSED: ("question refused", "refused"),
    Step.CALL_REFUSED: ("log-out call refused", "refused"),
    Step.LOGGED_OUT: ("logged out", "over"),
    Step.SIGNED_OUT: ("signed out of the app", "over"),
    Step.SIGN_IN_ENDED: ("sign-in ended", "over"),
    Step.SESSION_OVER: ("session over", "over"),
    Step.SESSION_CHECKED: ("session stands", "good"),
    Step.LOGGED_IN: ("logged in", "good"),
    Step.LOG_IN_FAILED: ("wrong name or password", "open"),
    Step.LOG_IN_NEEDED: ("waits for the log-in form", "open"),
    Step.LOG_IN_SHOWN: ("waits for the log-in form", "open"),
    Step.CHOICE_NEEDED: ("waits for a choice", "open"),
    Step.KEY_ROTATED: ("key replaced", "plain"),
    Step.APP_NOT_TOLD: ("an app couldn't be told", "refused"),
}
# Kinds that are told by which steps there are, the first that fits.
KINDS: tuple[tuple[Kind, tuple[Step, ...]], ...] = (
    (Kind.AT_SERVER, (Step.LOGGED_IN, Step.LOG_IN_FAILED)),
    (Kind.TIME_OUT, (Step.SESSION_OVER,)),
    (Kind.LOG_OUT, (Step.LOGGED_OUT, Step.SIGNED_OUT)),
    (Kind.REVOCATION, (Step.SIGN_IN_ENDED, Step.TOLD_OF_END, Step.APP_TOLD, Step.APP_NOT_TOLD)),
    (Kind.CHECK, (Step.SESSION_CHECKED, Step.NOT_CHECKED)),
    (Kind.KEYS, (Step.KEY_ROTATED, Step.CONSUMER_CHANGED)),
    (Kind.STRANGER, (Step.QUESTION_REFUSED, Step.CALL_REFUSED)),
    (Kind.LOG_IN, (Step.AUTHORIZE_REFUSED, Step.REFUSED, Step.ACCESS_TOKEN_ISSUED)),
)
TIMED = ("idle", "too-long", "expired")


def judge(story: Story, now: float | None = None) -> Verdict:
    """Parameters:
    now: second since 1970; else the clock's.
    """
    steps = story.steps
    outcome, state = _outcome(story, steps, time.time() if now is None else now)
    return Verdict(
        kind_of(story, steps),
        _who(steps),
        _apps(story),
        outcome,
        state,
        _profile(story, steps),
        (story.ended - story.began) * 1000,
        tuple(_findings(story, steps)),
    )


def kind_of(story: Story, steps: list[Taken]) -> Kind:
    began = [taken for taken in steps if taken.step is Step.BEGUN]
    if began:
        if began[0].facts.get("passive"):
            return Kind.QUESTION
        asked = (Step.LOG_IN_NEEDED, Step.LOG_IN_SHOWN, Step.CHOICE_NEEDED, Step.LOGGED_IN)
        return Kind.SILENT if story.has(Step.SIGNED_IN) and not story.has(*asked) else Kind.LOG_IN
    if any(taken.fact("cause") in TIMED for taken in steps):
        return Kind.TIME_OUT
    return next((kind for kind, signs in KINDS if story.has(*signs)), Kind.OTHER)


def _outcome(story: Story, steps: list[Taken], now: float) -> tuple[str, str]:
    if not steps:
        status = next((each.hop.status for each in story.exchanges if each.hop), 0)
        return f"refused by nginx: {status}", "refused"
    known = [taken for taken in steps if taken.step in LAST_WORDS]
    if not known:
        is_open = story.has(Step.BEGUN)
        if is_open and now - story.ended > GIVEN_UP:
            return "given up", "plain"
        return ("under way", "open") if is_open else (steps[-1].step.text, "plain")
    last = _decisive(known)
    words, state = LAST_WORDS[last.step]
    if state == "open" and now - story.ended > GIVEN_UP:
        return "given up", "plain"
    if last.step is Step.SESSION_CHECKED and last.fact("cause"):
        return f"session over: {last.fact('cause')}", "over"
    if last.fact("cause"):
        return f"{words}: {last.fact('cause')}", state
    code = last.fact("code")
    return (f"{words}: {code}", state) if code and state == "refused" else (words, state)


def _decisive(known: list[Taken]) -> Taken:
    """The latest; but an end is the person's own step before it is the apps'."""
    last = known[-1]
    if last.step in (Step.SIGN_IN_ENDED, Step.SESSION_CHECKED):
        own = [taken for taken in known if taken.step in (Step.LOGGED_OUT, Step.SIGNED_OUT)]
        return own[-1] if own else last
    return last


def _who(steps: list[Taken]) -> str:
    names = [taken.fact("user") for taken in steps if taken.fact("user")]
    return names[-1] if names else ""


def _apps(story: Story) -> tuple[str, ...]:
    """Titles of the apps that it is about, in the table's order."""
    lab = table.load()
    at = {exchange.site for exchange in story.exchanges}
    named = {taken.fact("consumer") for exchange in story.exchanges for taken in exchange.steps}
    return tuple(
        site.title
        for site in lab.sites
        if site.kind.is_consumer and (site.name in at or site.title in named)
    )


def _profile(story: Story, steps: list[Taken]) -> str:
    dialects = {
        str(taken.details.get("dialect")) for taken in steps if taken.details.get("dialect")
    }
    stock = "stock" in dialects or any(taken.step is Step.STOCK_MESSAGE for taken in steps)
    name = "stock" if stock else "hardened" if dialects else ""
    off = _off(story)
    return ", ".join(filter(None, [name, *(f"without {defence}" for defence in off)]))


def _off(story: Story) -> list[str]:
    """Defences that were off at a site that has told of it."""
    return sorted({name for each in story.exchanges if each.record for name in each.record.off})


def _findings(story: Story, steps: list[Taken]) -> list[Finding]:
    found = [finding for taken in steps if (finding := _finding(taken))]
    off = _off(story)
    if off:
        names = ", ".join(off)
        found.append(Finding(Severity.WARNING, f"A defence was off: {names}."))
    late = [
        each for each in story.exchanges
        if each.hop and each.record and each.record.request
        and each.hop.status != each.record.request["status"]
    ]  # fmt: skip
    for each in late:
        assert each.hop is not None
        found.append(
            Finding(Severity.DANGER, f"The browser got {each.hop.status}: the site was too late.")
        )
    return found


def _finding(taken: Taken) -> Finding | None:
    code, reason = taken.fact("code"), taken.fact("reason")
    if taken.step is Step.FOREIGN_TOKEN_BURNT:
        sentence = "Somebody else's link was opened: its access token was burnt."
        return Finding(Severity.DANGER, sentence)
    if taken.step in REFUSALS:
        words = reason or taken.step.text
        mild = code in ("access", "name-clash") or taken.step is Step.ANSWER_UNFIT
        return Finding(Severity.NOTICE if mild else Severity.DANGER, words)
    if taken.step is Step.LOG_IN_FAILED:
        return Finding(Severity.NOTICE, "A log-in failed: wrong name or password.")
    if taken.level >= ERROR:
        return Finding(Severity.DANGER, reason or taken.step.text)
    if taken.level >= WARNING:
        return Finding(Severity.WARNING, f"{taken.step.text[:1].upper()}{taken.step.text[1:]}.")
    return None
