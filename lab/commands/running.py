"""The verbs that run the lab: up, down, status, logs, manage, reset."""

from __future__ import annotations

import os
import shlex
import sys
import time

from lab import generate, place, table
from lab.commands import banner
from lab.console import dim, say
from lab.errors import LabError
from lab.runtimes import ready
from lab.runtimes.base import Runtime
from lab.runtimes.choice import choose_runtime, current_runtime, runtime_of

EXAMPLE = 'make manage SITE=server ARGS="sso_consumer Notes"'


def up() -> int:
    started = time.monotonic()
    generate.demand_current()
    where = place.from_environment()
    choice = choose_runtime(where)
    say(f"Runtime: {choice.name} ({choice.reason})")
    with where.locked():
        _stop_other_runtime(where, choice.name)
        where.write_record(choice.name)
        try:
            runtime_of(choice.name, where).up()
            where.note_runtime(choice.name)
        except LabError:
            _forget_unless_up(where)
            raise
    banner.show(where.port, choice.name)
    say(dim(f"Ready in {time.monotonic() - started:.1f} s."))
    return 0


def down() -> int:
    where = place.where_it_is_up()
    with where.locked():
        running = current_runtime(where)
        if running is None:
            say("The lab is not up.")
            runtime_of("local", where).down()  # ends what a killed supervisor left
        else:
            running.down()
            say(f"The lab is down ({running.name}). Its data stays: make up brings it back.")
        where.forget_record()
    return 0


def status() -> int:
    """0 when all is well or the lab is down, 1 when it is up with something wrong."""
    where = place.where_it_is_up()
    running = current_runtime(where)
    if running is None:
        say("The lab is down. make up starts it.")
        return 0
    say(f"The lab is up ({running.name}) on port {where.port}.")
    for name, state in running.states().items():
        say(f"  {name:<9} {state}")
    answers = {site: ready.answer(site, where.port) for site in table.load().sites}
    for site, text in answers.items():
        say(f"  {site.url(where.port):<28} {text}")
    return int(any(text != "ok" for text in answers.values()))


def logs(service: str | None) -> int:
    """The end of every log, or of one; keeps following it where a person is watching."""
    running = _demand_running()
    services = _services(service)
    if sys.stdout.isatty():
        try:
            running.follow_logs(services)
        except KeyboardInterrupt:
            say()
        return 0
    for name in services:
        say(f"==> {name} <==")
        say(running.log(name, 40))
    return 0


def manage() -> int:
    """A site's management command: what it says, as it says it, and its exit code."""
    running = _demand_running()
    site = _site(os.environ.get("SITE", ""))
    try:
        arguments = shlex.split(os.environ.get("ARGS", ""))
    except ValueError as error:
        raise LabError(
            f"ARGS can't be read: {error}.", f"quote it as for a shell: {EXAMPLE}"
        ) from None
    if not arguments:
        raise LabError("ARGS is missing.", f"{EXAMPLE}; ARGS=help lists the commands")
    return running.show_manage(site, arguments)


def reset() -> int:
    started = time.monotonic()
    where = place.where_it_is_up()
    with where.locked():
        running = current_runtime(where)
        both = [runtime_of(name, where) for name in ("local", "compose")]
        for affected in [running] if running else both:
            affected.reset()
        if running is None:
            where.forget_runtime()
    after = "up and " if running else ""
    say(f"The lab is {after}back to its first day ({time.monotonic() - started:.1f} s).")
    return 0


def discard() -> int:
    """For CI: take the lab down and leave nothing of it behind."""
    where = place.where_it_is_up()
    with where.locked():
        for name in ("local", "compose"):
            runtime_of(name, where).discard()
        where.forget_record()
        where.forget_runtime()
    return 0


def _stop_other_runtime(where: place.Place, wanted: str) -> None:
    running = current_runtime(where)
    if running is not None and running.name != wanted:
        say(f"The lab was up as {running.name}: stopping that. The two runtimes don't share data.")
        running.down()


def _forget_unless_up(where: place.Place) -> None:
    if current_runtime(where) is None:
        where.forget_record()


def _demand_running() -> Runtime:
    running = current_runtime(place.where_it_is_up())
    if running is None:
        raise LabError("The lab is not up.", "make up")
    return running


def _site(word: str) -> str:
    """The Django site that is meant, by any of its names."""
    lab = table.load()
    found = lab.meant(word)
    if found and found.kind.is_django:
        return found.name
    known = ", ".join(site.name for site in lab.sites if site.kind.is_django)
    wrong = f"There is no Django site {word}." if word else "SITE is missing."
    raise LabError(wrong, f"SITE is one of {known}: {EXAMPLE}")


def _services(word: str | None) -> list[str]:
    """All of them, or the one that is meant."""
    lab = table.load()
    if not word:
        return list(lab.services)
    found = lab.meant(word)
    name = found.name if found else word
    if name not in lab.services:
        raise LabError(f"There is no service {word}.", f"one of: {', '.join(lab.services)}")
    return [name]
