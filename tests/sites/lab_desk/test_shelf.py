"""What was written, read on from where it was read last; and the files that it is written to."""

from __future__ import annotations

import errno
import json
import os
import threading
import time
from pathlib import Path

import pytest

from lab_desk.inspector.shelf import Shelf
from site_common.inspection import spool
from site_common.inspection.spool import NGINX, SITES, Spool
from tests.sites.lab_desk import told
from tests.sites.lab_desk.conftest import Write

A_DAY = 24 * 3600.0


def names(shelf: Shelf) -> list[str]:
    return [story.name for story in shelf.look().newest_first()]


def record(name: str = "request-0001") -> dict[str, object]:
    from sso_kit.events import Step

    return told.record("server", name, time.time(), [told.step(Step.LOGGED_IN, time.time())])


def test_each_look_reads_what_is_new(shelf: Shelf, write: Write) -> None:
    lines = told.silent_log_in()
    write(*lines[:2])
    assert names(shelf) == [told.SHAKE]
    version = shelf.book.version

    write(*lines[2:])
    assert len(shelf.look().newest_first()[0].exchanges) == 5

    assert shelf.book.version > version
    version = shelf.book.version
    assert shelf.look().version == version


def test_a_line_that_is_on_its_way_is_read_when_it_is_whole(shelf: Shelf, folder: Path) -> None:
    text = json.dumps(record())
    with spool.current(folder, SITES).open("a") as file:
        file.write(text[:40])
        file.flush()
        assert names(shelf) == []
        file.write(text[40:] + "\n")

    assert names(shelf) == ["request-0001"]


def test_what_is_malformed_is_counted_and_harms_nothing(shelf: Shelf, folder: Path) -> None:
    with spool.current(folder, SITES).open("ab") as file:
        file.write(b"\xff\xfe\n{}\nnull\n[1]\n" + json.dumps(record()).encode() + b"\n")

    assert names(shelf) == ["request-0001"]
    assert shelf.dropped == 4


def test_a_restart_finds_all_of_it(shelf: Shelf, write: Write, folder: Path) -> None:
    write(*told.silent_log_in(), *told.log_out())
    before = names(shelf)

    assert names(Shelf(folder, A_DAY)) == before != []


def test_after_a_reset_there_is_nothing(shelf: Shelf, write: Write, folder: Path) -> None:
    write(*told.silent_log_in())
    assert names(shelf)

    spool.forget(folder)

    assert names(shelf) == []
    write(*told.log_out())
    assert names(shelf) == ["Batch-0123456789"] or len(names(shelf)) == 1


def test_what_is_too_old_is_not_shown(write: Write, folder: Path) -> None:
    write(*told.silent_log_in(began=time.time() - 100))

    assert names(Shelf(folder, longest=1000)) == [told.SHAKE]
    assert names(Shelf(folder, longest=50)) == []


def test_what_a_process_writes_is_read(shelf: Shelf, folder: Path) -> None:
    assert Spool(folder).write(record()) is True

    assert names(shelf) == ["request-0001"]


def test_many_threads_and_processes_write_whole_lines(shelf: Shelf, folder: Path) -> None:
    spools = [Spool(folder) for _ in range(3)]

    def write_some(number: int) -> None:
        for each in range(40):
            spools[number % 3].write(record(f"request-{number}-{each}"))

    threads = [threading.Thread(target=write_some, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(names(shelf)) == 240
    assert shelf.dropped == 0


@pytest.mark.parametrize("kind", [SITES, NGINX])
def test_files_never_grow_beyond_a_bound_and_nothing_new_is_lost(
    shelf: Shelf, folder: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(spool, "LARGEST", 20_000)
    monkeypatch.setattr(spool, "LOOK_EVERY", -1.0)
    own, nginx = Spool(folder), spool.current(folder, NGINX).open("a")
    for number in range(600):
        own.write(record(f"request-{number:04}"))
        if kind == NGINX:
            line = told.hop(f"request-{number:04}", "sso.localhost", "/accounts/login/", 200, 1.0)
            nginx.write(json.dumps(line) + "\n")
            nginx.flush()
        shelf.look()
    nginx.close()

    sizes = [path.stat().st_size for path in folder.glob("*.jsonl")]
    assert len(sizes) <= 2 * (spool.KEPT + 1)
    assert sum(sizes) < len(sizes) * 22_000
    assert len(names(shelf)) == 600
    assert shelf.dropped == 0
    if kind == NGINX:  # in what is emptied under nginx's hands, a line may be lost
        hops = [
            each for story in shelf.book.stories.values() for each in story.exchanges if each.hop
        ]
        assert len(hops) >= 598


def test_a_full_disk_is_the_spools_own_trouble(
    folder: Path, monkeypatch: pytest.MonkeyPatch, shelf: Shelf
) -> None:
    own, write = Spool(folder), os.write

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    assert own.write(record()) is False
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:50]))
    assert own.write(record("request-cut0")) is False
    monkeypatch.undo()

    assert own.write(record("request-good")) is True
    assert names(shelf) == ["request-good"]


@pytest.mark.parametrize("what", ["a folder that is gone", "a pipe that nobody reads", "a device"])
def test_whatever_is_there_nobody_waits(tmp_path: Path, what: str) -> None:
    path = spool.current(tmp_path, SITES)
    if what == "a pipe that nobody reads":
        os.mkfifo(path)
    elif what == "a device":
        path.symlink_to("/dev/full")
    where = tmp_path / "gone" if what.endswith("gone") else tmp_path
    done = threading.Event()
    answers: list[bool] = []

    def run() -> None:
        answers.append(Spool(where).write(record()))
        done.set()

    threading.Thread(target=run, daemon=True).start()

    assert done.wait(5)
    assert answers == [False]


def test_what_is_too_long_is_told_without_its_details(shelf: Shelf, folder: Path) -> None:
    from sso_kit.events import Step

    steps = [
        told.step(Step.LOGGED_IN, time.time(), {str(n): "x" * 200 for n in range(400)}, user="al")
    ]
    Spool(folder).write(told.record("server", "request-long", time.time(), steps))

    [story] = shelf.look().newest_first()
    assert story.steps[0].details == {}
    assert story.steps[0].facts == {"user": "al"}
