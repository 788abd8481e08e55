"""Management commands: how to tell somebody to run one, and who runs it."""

from __future__ import annotations

import getpass
import re
import shlex

from . import conf


def to_run(*arguments: str) -> str:
    """A management command as somebody can paste it into a shell here.

    ``SSO_KIT["MANAGE"]`` has ``{arguments}`` in it, the words quoted for a shell, or ``{quoted}``,
    all of that as one word: ``make manage ARGS={quoted}``.
    """
    words = shlex.join(arguments)
    values = {"{arguments}": words, "{quoted}": shlex.quote(words)}
    # In one go: a name may have such a word in it.
    return re.sub("|".join(values), lambda found: values[found[0]], conf.manage())


def operator_name() -> str:
    """Who runs a command, as the operating system knows them; a container's user may be nobody."""
    try:
        return f"{getpass.getuser()} (command line)"
    except (ImportError, KeyError, OSError):
        return "command line"
