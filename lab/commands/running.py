"""The verbs that run the lab: up, down, status, logs, manage, reset."""

from __future__ import annotations

import os
import shlex
import sys
import time

from lab import place, table
from lab.commands import banner
from lab.console import dim, say
from lab.errors import LabError
from lab.runtimes import choice as runtime
from lab.runtimes import ready
from lab.runtimes.choice import Runtime


def up() -> int:
    started = time.monotonic()
    where = place.from_environment()
    choice = runtime.choose(where)
    say(f"Runtime: {choice.name} ({choice.reason})")
    with where.locked():
        _stop_other_runtime(where, choice.name)
        where.write_record(choice.name)
        try:
            runtime.of_name(choice.name, where).up()
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
        running = runtime.current(where)
        if running is None:
            say("The lab is not up.")
            runtime.of_name("local", where).down()  # ends what a killed supervisor left
        else:
            running.down()
            say(f"The lab is down ({running.name}). Its data stays: make up brings it back.")
        where.forget_record()
    return 0


def status() -> int:
    """0 when all is well or the lab is down, 1 when it is up with something wrong."""
    where = place.where_it_is_up()
    running = runtime.current(where)
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
    known = [site.name for site in table.load().sites]
    site, text = os.environ.get("SITE", ""), os.environ.get("ARGS", "")
    example = 'make manage SITE=server ARGS="sso_consumer Notes"'
    if site not in known:
        wrong = f"There is no site {site}." if site else "SITE is missing."
        raise LabError(wrong, f"SITE is one of {', '.join(known)}: {example}")
    try:
        arguments = shlex.split(text)
    except ValueError as error:
        raise LabError(
            f"ARGS can't be read: {error}.", f"quote it as for a shell: {example}"
        ) from None
    if not arguments:
        raise LabError("ARGS is missing.", f"{example}; ARGS=help lists the commands")
    return running.show_manage(site, arguments)


def reset() -> int:
    started = time.monotonic()
    where = place.where_it_is_up()
    with where.locked():
        running = runtime.current(where)
        both = [runtime.of_name(name, where) for name in ("local", "compose")]
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
            runtime.of_name(name, where).discard()
        where.forget_record()
        where.forget_runtime()
    return 0


def _stop_other_runtime(where: place.Place, wanted: str) -> None:
    running = runtime.current(where)
    if running is not None and running.name != wanted:
        say(f"The lab was up as {running.name}: stopping that. The two runtimes don't share data.")
        running.down()


def _forget_unless_up(where: place.Place) -> None:
    if runtime.current(where) is None:
        where.forget_record()


def _demand_running() -> Runtime:
    running = runtime.current(place.where_it_is_up())
    if running is None:
        raise LabError("The lab is not up.", "make up")
    return running


def _services(wanted: str | None) -> list[str]:
    known = [*(site.name for site in table.load().sites), "nginx"]
    if wanted is not None and wanted not in known:
        raise LabError(f"There is no service {wanted}.", f"one of: {', '.join(known)}")
    return [wanted] if wanted else known
