"""Threats: a table that anybody fills, and one that grows for ever.

Source: CWE-400, CWE-770. Defences: request tokens are signed texts, not rows
(``sso_kit/server/request_tokens.py``), and old access tokens go away while new ones are
issued (``sso_kit/server/housekeeping.py``).

What would make this lie: requests that never reach the server. Hence each must end on the
log-in form, and stock's table grows by just as many rows.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.attacks import crowd
from tests.attacks.pairs import Pair
from tests.support.browser import Browser

Saw = Callable[[str], None]
VISITS = 50
OLD_ROWS = 200
PURGE_EVERY = 64  # issued tokens
OURS, STOCKS = "sso_kit_server_accesstoken", "sso_server_token"
FILL = f"""INSERT INTO {OURS}
    (digest, request_digest, consumer_id, user_id, challenge, issued, session, burnt, proof, alone)
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
    SELECT hex(randomblob(32)), hex(randomblob(32)), 1, 1, '', ?, '', 0, '', 0 FROM n"""
FILL_STOCK = f"""INSERT INTO {STOCKS}
    (request_token, access_token, consumer_id, timestamp, redirect_to)
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
    SELECT hex(randomblob(32)), hex(randomblob(32)), 1, ?, '' FROM n"""


def rows_of(pair: Pair, table: str) -> int:
    return int(pair.server.rows(f"SELECT count(*) FROM {table}")[0][0])


def all_rows(pair: Pair) -> int:
    """Rows in every table of both sites."""
    names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    return sum(
        int(site.rows(f"SELECT count(*) FROM {name}")[0][0])
        for site in (pair.server, pair.client)
        for (name,) in site.rows(names)
    )


def visit_as_strangers(pair: Pair) -> int:
    """Rows that so many anonymous visits leave behind."""
    before = all_rows(pair)
    for _ in range(VISITS):
        page = Browser().get(f"{pair.client.url}/in/")
        assert page.password_fields == 1
    return all_rows(pair) - before


@pytest.mark.threat("rows-for-nothing")
def test_fifty_anonymous_visits_leave_no_row_anywhere(kit: Pair, saw: Saw) -> None:
    assert visit_as_strangers(kit) == 0
    saw(f"{VISITS} visits leave 0 rows")


@pytest.mark.control("rows-for-nothing", "stock")
def test_they_leave_fifty_on_stock(stock: Pair, saw: Saw) -> None:
    assert visit_as_strangers(stock) == VISITS
    saw(f"{VISITS} visits leave {VISITS} rows")


def yesterday() -> str:
    return str(datetime.now(UTC).replace(tzinfo=None) - timedelta(days=1))


@pytest.mark.threat("rows-for-ever")
def test_old_access_tokens_go_away_as_new_ones_come(kit: Pair, saw: Saw) -> None:
    kit.server.rows(FILL, OLD_ROWS, yesterday())
    old = f"{OURS} WHERE issued < '{yesterday()}'"
    assert rows_of(kit, old) == OLD_ROWS

    crowd.log_in(kit, 8, PURGE_EVERY // 8)

    assert rows_of(kit, old) == 0
    saw(f"{OLD_ROWS} old rows are gone after {PURGE_EVERY} log-ins")


@pytest.mark.control("rows-for-ever", "stock")
def test_they_stay_for_ever_on_stock(stock: Pair, saw: Saw) -> None:
    stock.server.rows(FILL_STOCK, OLD_ROWS, yesterday())

    crowd.log_in(stock, 8, PURGE_EVERY // 8)

    assert rows_of(stock, f"{STOCKS} WHERE timestamp < '{yesterday()}'") >= OLD_ROWS
    saw("old rows stay")
