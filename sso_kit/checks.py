"""System checks of either half: ``manage.py check --deploy``. Each has its own in ``checks``."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

from . import conf, defences

SHORTEST_KEY = 43  # characters of a private key: 256 bits


@register(Tags.security)
def settings_are_known(**_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = [
        Error(sentence, hint=remedy, id="sso_kit.E007") for sentence, remedy in conf.problems()
    ]
    for name in conf.of_old():
        entry = name.removeprefix(f"{conf.NAME}_")
        found.append(
            Error(
                f"Nothing reads the setting {name} any more.",
                hint=f'Say it in one dictionary: {conf.NAME} = {{"{entry}": ...}}',
                id="sso_kit.E008",
            )
        )
    return found


@register(Tags.security)
def defences_are_on(**_: Any) -> list[CheckMessage]:
    if any(conf.problems()):
        return []  # nothing can be read, and E007 says why
    problem = defences.refused_setting()
    hint = "Take the names out of it; all defences are on then."
    return [Error(problem, hint=hint, id="sso_kit.E001")] if problem else []
