"""One line of what was told: in order, or dropped."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_desk.inspector.records import DEEPEST, LARGEST, Hop, Malformed, Record, read
from tests.sites.lab_desk import told

GOOD = told.silent_log_in()[0]
HOP = told.silent_log_in()[-1]


def line(said: Any, **changes: Any) -> bytes:
    return json.dumps({**said, **changes}).encode()


def test_what_a_site_tells_is_read() -> None:
    record = read(line(GOOD))

    assert isinstance(record, Record)
    assert record.site == "client-b"
    assert told.SHAKE in record.names
    assert record.id in record.names


def test_what_nginx_tells_is_read_whatever_stands_before_it() -> None:
    hop = read(b"<190>Nov 27 12:00:00 nginx: " + line(HOP))

    assert isinstance(hop, Hop)
    assert (hop.status, hop.bytes_in, hop.seconds) == (302, 600, 0.006)


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2},
        {"site": "nobody"},
        {"site": 1},
        {"id": "a b"},
        {"id": None},
        {"at": "now"},
        {"at": -1},
        {"at": 1e300},
        {"at": True},
        {"steps": []},
        {"steps": [{"step": "NO_STEP", "at": 1, "level": 1}]},
        {"steps": [1]},
        {"steps": GOOD["steps"] * 200},
        {"request": {"method": "GET"}},
        {"request": told.request("GET", "/", 302, cookies="none")},
        {"off": [1]},
        {"off": "all"},
    ],
    ids=str,
)
def test_what_is_not_in_order_is_dropped(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read(line(GOOD, **changes))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_is_none_is_dropped(number: str) -> None:
    text = line(GOOD).decode().replace(str(GOOD["at"]), number, 1)

    with pytest.raises(Malformed):
        read(text)


@pytest.mark.parametrize("name", ["id", "at", "status", "bytes_out", "seconds"])
def test_a_hop_that_lacks_something_is_dropped(name: str) -> None:
    less = {key: value for key, value in HOP["hop"].items() if key != name}

    with pytest.raises(Malformed):
        read(line({"v": 1, "hop": less}))


def test_what_is_too_long_is_dropped_unread() -> None:
    with pytest.raises(Malformed, match="too long"):
        read(b"{" + b" " * LARGEST + b"}")


def test_what_is_too_deep_or_too_much_is_cut() -> None:
    deep: Any = "x" * 5000
    for _ in range(30):
        deep = {"a": deep, **{str(number): number for number in range(100)}}
    record = read(line(GOOD, steps=[{**GOOD["steps"][0], "details": deep}]))

    assert isinstance(record, Record)
    kept = json.dumps(record.steps[0].details)
    assert kept.count("{") == DEEPEST + 1
    assert "x" * 5 not in kept
    assert '"99"' not in kept


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.binary(max_size=300))
def test_no_bytes_do_harm(data: bytes) -> None:
    with suppress(Malformed):
        read(data)


@given(JSON, st.sampled_from(["site", "id", "at", "steps", "request", "off", "hop"]))
def test_no_field_of_any_kind_does_harm(value: Any, name: str) -> None:
    with suppress(Malformed):
        read(line(GOOD, **{name: value}))


@given(JSON, st.sampled_from(sorted(HOP["hop"])))
def test_no_field_of_a_hop_does_harm(value: Any, name: str) -> None:
    with suppress(Malformed):
        read(line({"v": 1, "hop": {**HOP["hop"], name: value}}))


@given(JSON, st.sampled_from(["step", "at", "level", "facts", "details"]))
def test_no_field_of_a_step_does_harm(value: Any, name: str) -> None:
    with suppress(Malformed):
        read(line(GOOD, steps=[{**GOOD["steps"][0], name: value}]))
