"""Management commands: how to tell somebody to run one, and who runs it."""

from __future__ import annotations

import getpass
import shlex

from . import conf


def to_run(*arguments: str) -> str:
    """A management command as somebody can paste it into a shell here.

    ``SSO_KIT_MANAGE`` has ``{arguments}`` in it, the words quoted for a shell, or ``{quoted}``,
    all of that as one word: ``make manage ARGS={quoted}``.
    """
    words = shlex.join(arguments)
    return conf.manage().replace("{arguments}", words).replace("{quoted}", shlex.quote(words))


def operator_name() -> str:
    """Who runs a command, as the operating system knows them; a container's user may be nobody."""
    try:
        return f"{getpass.getuser()} (command line)"
    except (ImportError, KeyError, OSError):
        return "command line"
