"""What a project sees that has set up no logging: each line says why, and what to do.

Without ``LOGGING`` and with ``DEBUG`` off, Django shows nothing of the kit's, and Python writes
warnings to standard error, the bare message. So the message has to say it all.
"""

from __future__ import annotations

import io
import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from logging.handlers import QueueHandler
from queue import SimpleQueue
from typing import Any

import pytest

from lab.table import ROOT
from sso_kit.errors import HandShakeError, MessageRefused
from sso_kit.events import Line, Step, tell
from tests.kit.logged import as_json

IN_PRODUCTION = """
import django, logging
django.setup()
from django.conf import settings
assert not settings.DEBUG and not settings.LOGGING and not logging.getLogger().handlers
from django.core.management import call_command
call_command("migrate", verbosity=0)
from simple_sso.sso_server.models import Consumer
from tests.kit import urls
from tests.kit.consumers import person, register
from tests.kit.journeys import Browser, InProcess
urls.client.back_channel = InProcess(urls.PUBLIC_KEY)
register()
browser = Browser()
browser.sign_in_at_the_server(person())
browser.get("http://app.test/in/")
Consumer.objects.update(private_key="another-private-key-" * 3)
Browser().get("http://app.test/in/")
urls.client.base_url = None
Browser().get("http://app.test/in/")
"""


@pytest.fixture(scope="module")
def standard_error() -> list[str]:
    """The kit's lines; Django's own are of another kind."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.kit.settings"}
    done = subprocess.run(
        [sys.executable, "-c", IN_PRODUCTION],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [line for line in done.stderr.splitlines() if "refused" in line]


def test_each_refusal_is_there_with_reason_and_remedy(standard_error: list[str]) -> None:
    at_the_server, asked, ended, not_set_up = standard_error

    assert at_the_server.startswith("back channel refused: The message's signature doesn't fit. ")
    assert "python manage.py sso_consumer app --write-key FILE" in at_the_server
    for line in (asked, ended):
        assert "This app's private key isn't the one that the server has for it." in line
    assert not_set_up.startswith("hand-shake refused: This app doesn't know its own address. ")
    assert 'Client(..., base_url="https://this.site")' in not_set_up


def test_it_holds_no_key(standard_error: list[str]) -> None:
    from tests.kit.urls import PRIVATE_KEY

    assert standard_error
    assert not [line for line in standard_error if PRIVATE_KEY[:12] in line]


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """The log as a text, with a formatter that has the message and nothing else."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    logging.getLogger("sso_kit").addHandler(handler)
    yield text
    logging.getLogger("sso_kit").removeHandler(handler)


def test_a_line_has_reason_remedy_and_the_other_facts(stream: io.StringIO) -> None:
    tell(Step.REFUSED, MessageRefused("It is so.", remedy="Do this."), handshake="abc", status=400)

    assert stream.getvalue() == (
        "hand-shake refused: It is so. Remedy: Do this. (handshake=abc, status=400, code=message)\n"
    )


def test_what_says_nothing_is_left_out_and_a_nought_is_not(stream: io.StringIO) -> None:
    tell(Step.KEY_ROTATED, consumer="app", by="", passive=False, user=None, overlap_s=0)
    tell(Step.CUT)

    assert stream.getvalue().splitlines() == [
        "key rotated (consumer=app, overlap_s=0)",
        "hand-shake was cut, begun again",
    ]


@pytest.mark.parametrize(
    "text", ["two\nlines", "forged\r\nWARNING all is well", "\x1b[2J", "\x00", "a\u2028b", "\ud800"]
)
def test_nobody_forges_a_line_or_steers_a_terminal(stream: io.StringIO, text: str) -> None:
    tell(Step.REFUSED, HandShakeError(f"Said: {text}!"), user=text)

    (line,) = stream.getvalue().splitlines()
    assert line.isprintable()
    assert line.encode()


def test_letters_of_all_languages_stay_as_they_are(stream: io.StringIO) -> None:
    tell(Step.SIGNED_OUT, user="Zoë Ἑλένη 张 %s %(user)s")
    assert stream.getvalue() == ""  # INFO

    tell(Step.REFUSED, HandShakeError("No."), user="Zoë Ἑλένη 张 %s %(user)s")
    assert "(user=Zoë Ἑλένη 张 %s %(user)s, code=refused)" in stream.getvalue()


def test_a_token_that_somebody_else_put_into_a_reason_is_blanked(stream: io.StringIO) -> None:
    tell(Step.REFUSED, HandShakeError("Bad: /authorize/?token=abcdefghi&page=2"))

    assert "token=[redacted]&page=2" in stream.getvalue()
    assert "abcdefghi" not in stream.getvalue()


def test_a_line_passes_a_queue_as_others_do() -> None:
    """``QueueHandler`` writes the message out, for another process to log."""
    queue: SimpleQueue[Any] = SimpleQueue()
    handler = QueueHandler(queue)
    logger = logging.getLogger("sso_kit")
    logger.addHandler(handler)
    try:
        tell(Step.REFUSED, HandShakeError("It is so."), handshake="abc")
    finally:
        logger.removeHandler(handler)

    record = pickle.loads(pickle.dumps(queue.get()))
    assert record.getMessage() == "hand-shake refused: It is so. (handshake=abc, code=refused)"
    assert as_json(record)["handshake"] == "abc"


def test_the_structured_log_keeps_event_and_facts_apart() -> None:
    facts = {"reason": "It is so.", "remedy": "Do this."}
    record = logging.makeLogRecord({"msg": Line("hand-shake refused", facts), **facts})

    line = as_json(record)

    assert (line["event"], line["reason"], line["remedy"]) == (
        "hand-shake refused",
        "It is so.",
        "Do this.",
    )
