"""Several threads that do something at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connections


def at_once(doings: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each returned, or the exception that it raised, in the order in which they ended."""
    results, together = list[Any](), threading.Barrier(len(doings))

    def do(doing: Callable[[], Any]) -> None:
        together.wait()
        try:
            results.append(doing())
        except Exception as error:
            results.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=do, args=(doing,)) for doing in doings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
