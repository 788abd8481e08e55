"""Look at a consumer, or change it: origins, legacy mark, keys. Who did what is logged."""

from __future__ import annotations

import os
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from simple_sso.sso_server.models import Consumer

from .... import events
from ....commands import operator_name
from ....events import Step
from ....keys import fingerprint
from ...models import SHORTEST_SESSION, ConsumerPolicy, Prompt, validate_origins
from ...policy import find_policy
from ...rotation import OVERLAP, revoke_key, rotate

LONGEST_SESSION = 366 * 24 * 3600
LONGEST_OVERLAP = 31 * 24 * 3600


def seconds(text: str) -> int:
    """An overlap; a negative one is none."""
    number = int(text)
    if number > LONGEST_OVERLAP:
        raise ArgumentTypeError(f"at most {LONGEST_OVERLAP} seconds: until then both keys count")
    return max(0, number)


def limit(text: str) -> int:
    """How long a session lasts; 0 is no limit."""
    number = int(text)
    if number and not SHORTEST_SESSION <= number <= LONGEST_SESSION:
        raise ArgumentTypeError(f"0, or from {SHORTEST_SESSION} to {LONGEST_SESSION} seconds")
    return number


class Command(BaseCommand):
    help = "Show a consumer, register its origins, mark it legacy, or replace its key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--create", action="store_true", help="make it if it isn't there")
        parser.add_argument(
            "--origin",
            action="append",
            default=[],
            metavar="URL",
            help="register a whole address, or scheme://host:port for all paths (repeatable)",
        )
        mode = parser.add_mutually_exclusive_group()
        mode.add_argument("--legacy", action="store_true", help="also accept stock messages")
        mode.add_argument("--modern", action="store_true", help="refuse stock messages")
        parser.add_argument(
            "--idle",
            type=limit,
            metavar="SECONDS",
            help="its sessions end unused after so long; 0: no such limit",
        )
        parser.add_argument(
            "--longest",
            type=limit,
            metavar="SECONDS",
            help="its sessions end in any case after so long; 0: no such limit",
        )
        parser.add_argument(
            "--prompt",
            choices=["none", *filter(None, Prompt.values)],
            help="what people are asked at each sign-in there",
        )
        key = parser.add_mutually_exclusive_group()
        key.add_argument("--rotate-key", action="store_true", help="new key, with an overlap")
        key.add_argument("--revoke-key", action="store_true", help="new key, old one dead now")
        parser.add_argument(
            "--overlap",
            type=seconds,
            default=int(OVERLAP.total_seconds()),
            metavar="SECONDS",
            help="how long the old key still counts",
        )
        parser.add_argument(
            "--write-key",
            type=Path,
            metavar="FILE",
            help="write the private key to a file with mode 600",
        )

    @transaction.atomic  # a key that could not be written to its file is not rotated either
    def handle(self, *args: Any, **options: Any) -> None:
        by = operator_name()
        consumer = self._consumer(options["name"], options["create"])
        policy = find_policy(pk=consumer.pk)
        assert policy is not None
        self._change(policy, options)
        if options["rotate_key"]:
            rotate(consumer, timedelta(seconds=options["overlap"]), by=by)
        if options["revoke_key"]:
            revoke_key(consumer, by=by)
        consumer.refresh_from_db()
        if options["write_key"]:
            self._write(options["write_key"], consumer.private_key)
        self._log(consumer, by, options)
        self._show(consumer)

    def _consumer(self, name: str, create: bool) -> Consumer:
        if create:
            return Consumer.objects.get_or_create(name=name)[0]
        try:
            return Consumer.objects.get(name=name)
        except Consumer.DoesNotExist:
            known = ", ".join(Consumer.objects.values_list("name", flat=True)) or "none"
            raise CommandError(f"No consumer {name!r}; there are: {known}") from None

    def _change(self, policy: ConsumerPolicy, options: dict[str, Any]) -> None:
        try:
            validate_origins(options["origin"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        policy.origins += [origin for origin in options["origin"] if origin not in policy.origins]
        if options["legacy"] or options["modern"]:
            policy.legacy = options["legacy"]
        if options["idle"] is not None:
            policy.idle_seconds = options["idle"] or None
        if options["longest"] is not None:
            policy.longest_seconds = options["longest"] or None
        if options["prompt"] is not None:
            policy.prompt = Prompt.NOTHING if options["prompt"] == "none" else options["prompt"]
        policy.save(
            update_fields=["origins", "legacy", "idle_seconds", "longest_seconds", "prompt"]
        )

    def _log(self, consumer: Consumer, by: str, options: dict[str, Any]) -> None:
        flags = ("create", "legacy", "modern", "write_key")
        changes = [flag.replace("_", " ") for flag in flags if options[flag]]
        changes += [f"origin {origin}" for origin in options["origin"]]
        told = ((name, options[name]) for name in ("idle", "longest", "prompt"))
        changes += [f"{name} {value}" for name, value in told if value is not None]
        if changes:
            facts = {"consumer": consumer.name, "changes": changes, "by": by}
            transaction.on_commit(lambda: events.tell(Step.CONSUMER_CHANGED, **facts))

    def _write(self, path: Path, key: str) -> None:
        try:
            path.unlink(missing_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(key)
        except OSError as error:
            raise CommandError(f"Can't write the key to {path}: {error.strerror}") from error

    def _show(self, consumer: Consumer) -> None:
        policy = find_policy(pk=consumer.pk)
        assert policy is not None
        self.stdout.write(f"{consumer.name}: public key {consumer.public_key}")
        self.stdout.write(f"  private key {fingerprint(consumer.private_key)} (fingerprint)")
        self.stdout.write(f"  origins {', '.join(policy.origins) or 'none'}")
        self.stdout.write(
            f"  accepts {'stock and hardened' if policy.legacy else 'hardened'} messages"
        )
        self.stdout.write(
            f"  sessions end unused after {_limit(policy.idle_seconds)}, "
            f"in any case after {_limit(policy.longest_seconds)}"
        )
        self.stdout.write(f"  asks people {Prompt(policy.prompt).label}")


def _limit(seconds: int | None) -> str:
    return f"{seconds} s" if seconds else "no limit"
