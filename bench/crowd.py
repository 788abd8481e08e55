"""Does a hand-shake cost the same with a million people as with sixteen?

Two labs side by side, one of them filled by plain SQL: what is measured is the same code
against tables a thousand times as long.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import subjects
from bench.runs import Crew, measure
from bench.services import Subject

ROUNDS = 9
SECONDS = 2.5

# Text that looks like Django's: 2026-01-01 is past, 2099 isn't.
COUNTER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
HEX = "lower(hex(randomblob({size})))"
SESSIONS = """
    INSERT INTO django_session (session_key, session_data, expire_date)
    SELECT {hex16}, 'e30:' || {hex32} || {hex32}, '2099-01-01 00:00:00' FROM n"""


@dataclass(frozen=True)
class Crowd:
    people: int = 1_000_000
    old_tokens: int = 1_000_000
    sessions: int = 100_000
    consumers: int = 1_000
    sign_ins: int = 100_000


def server_statements(crowd: Crowd) -> Iterator[tuple[int, str]]:
    """How many, and the statement that makes so many."""
    yield (
        crowd.people,
        """
        INSERT INTO people_person (username, password, is_superuser, first_name, last_name,
            email, verified_email, is_staff, is_active, date_joined, subject)
        SELECT 'crowd' || i, '!', 0, 'Crowd', i, 'crowd' || i || '@bench.example', '', 0, 1,
            '2026-01-01 00:00:00', {hex16} FROM n""",
    )
    yield (
        crowd.consumers,
        """
        INSERT INTO sso_server_consumer (name, public_key, private_key)
        SELECT 'Consumer ' || i, {hex32}, {hex32} FROM n""",
    )
    yield (
        1,
        """
        INSERT INTO sso_kit_server_consumerpolicy
            (consumer_id, origins, granted, restricted, legacy, prompt)
        SELECT id, '["http://app-' || id || '.example"]', '[]', 0, 0, '' FROM sso_server_consumer
        WHERE name LIKE 'Consumer %'""",
    )
    yield (
        crowd.old_tokens,
        """
        INSERT INTO sso_kit_server_accesstoken
            (digest, request_digest, challenge, issued, used, session, burnt, proof, alone,
            consumer_id, user_id)
        SELECT {hex32}, {hex32}, {hex16}, '2026-01-01 00:00:00', '2026-01-01 00:00:01', '', 0, '',
            0, (SELECT min(id) FROM sso_server_consumer), 1 + i % 1000 FROM n""",
    )
    yield (
        crowd.sign_ins,
        """
        INSERT INTO sso_kit_server_signin (ref, session, began, since, seen, expires, proof,
            tell_at, mark, consumer_id, user_id)
        SELECT {hex32}, {hex16}, i, '2026-01-01 00:00:00', '2026-01-01 00:00:00',
            '2099-01-01 00:00:00', '', '', '', (SELECT min(id) FROM sso_server_consumer),
            1 + i % 1000 FROM n""",
    )
    yield crowd.sessions, SESSIONS


def client_statements(crowd: Crowd) -> Iterator[tuple[int, str]]:
    yield (
        crowd.people,
        """
        INSERT INTO auth_user (username, password, is_superuser, first_name, last_name,
            email, is_staff, is_active, date_joined)
        SELECT 'crowd' || i, '!', 0, 'Crowd', i, 'crowd' || i || '@bench.example', 0, 1,
            '2026-01-01 00:00:00' FROM n""",
    )
    yield (
        1,
        """
        INSERT INTO sso_kit_client_identity (issuer, subject, user_id)
        SELECT 'http://sso.localhost:0/sso/', {hex16}, id FROM auth_user""",
    )
    yield (
        crowd.sign_ins,
        """
        INSERT INTO sso_kit_client_appsession (ref, "key", client, sign_in, issuer, began,
            auth_time, amr, attributes, ends, seen, checked, asked)
        SELECT {hex32}, '', 'crowd', {hex32}, '', i, 0, '', '', '2099-01-01 00:00:00',
            '2026-01-01 00:00:00', '2026-01-01 00:00:00', '2026-01-01 00:00:00' FROM n""",
    )
    yield (
        crowd.people,
        """
        INSERT INTO tickets_author ("key", username, name, department, phone)
        SELECT 'crowd' || i, 'crowd' || i, '', '', '' FROM n""",
    )
    yield crowd.sessions, SESSIONS


def fill(subject: Subject, crowd: Crowd) -> None:
    """Into the databases of a lab that has been up and isn't now."""
    data = subject.folder / "data"
    _fill(data / "server_site.sqlite3", server_statements(crowd))
    _fill(data / "client_b.sqlite3", client_statements(crowd))


def _fill(path: Path, statements: Iterator[tuple[int, str]]) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        for statement in written(statements):
            database.execute(statement)


def written(statements: Iterable[tuple[int, str]]) -> Iterator[str]:
    """The statements as SQLite takes them."""
    values = {f"hex{size}": HEX.format(size=size) for size in (16, 32)}
    for count, statement in statements:
        counter = "" if count == 1 else COUNTER.format(count=count)
        yield counter + statement.format(**values)


def compare(folder: Path, crowd: Crowd | None = None) -> dict[str, Any]:
    """CPU-ms per hand-shake, empty against full, in rounds that alternate.

    The best round of each counts: whatever else runs on the machine only adds to it.
    """
    crowd = crowd or Crowd()
    found: dict[str, list[float]] = {"empty": [], "full": []}
    with ExitStack() as stack:
        crews = {
            "empty": stack.enter_context(_up(subjects.hardened(folder, "empty"), None)),
            "full": stack.enter_context(_up(subjects.hardened(folder, "full"), crowd)),
        }
        for number in range(ROUNDS):
            for name in sorted(crews, reverse=number % 2 == 1):
                run = measure(crews[name], "handshake", 1, SECONDS)
                found[name].append(run.cpu_total)
    best = {name: min(values) for name, values in found.items()}
    return {**best, "change": best["full"] / best["empty"] - 1, "rounds": ROUNDS}


@contextmanager
def _up(subject: Subject, crowd: Crowd | None) -> Iterator[Crew]:
    try:
        subject.start()
        subject.wait()
        if crowd is not None:
            subject.stop()
            fill(subject, crowd)
            subject.start()
            subject.wait()
        crew = Crew.of(subject, subjects.PEOPLE)
        measure(crew, "handshake", subjects.PEOPLE, 2)
        yield crew
    finally:
        subject.stop()
