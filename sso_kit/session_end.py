"""When an app's session ends: with the identity server's at the latest.

Django keeps one end in a session: a moment, or the browser's. One that ends with the browser
has its moment under ``END``, which ``sso_kit.contrib.sessions`` goes by; with another engine
it ends with the browser, or ``SESSION_COOKIE_AGE`` after it was last written.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase

from . import clock

END = "sso_kit_end"  # a time stamp, in seconds


def end_with_the_servers(session: SessionBase, seconds: object) -> None:
    """Give an app's session an end: its own longest time, or the server's if that is sooner.

    Parameters:
        seconds: that the server's session has left; anything but a number is not known.
    """
    session.pop(END, None)
    longest = session.get_session_cookie_age()
    left = min(longest, seconds) if isinstance(seconds, int) else longest
    end = clock.now() + timedelta(seconds=max(left, 1))
    if session.get_expire_at_browser_close():
        session[END] = end.timestamp()
    else:
        session.set_expiry(end)


def lifetime_of(session: SessionBase) -> tuple[datetime, bool]:
    """When a session ends, and whether with the browser if that is closed before."""
    if not session.get_expire_at_browser_close():
        return session.get_expiry_date(), False
    left = seconds_left(session, session.get_session_cookie_age())
    return clock.now() + timedelta(seconds=left), True


def seconds_left(session: SessionBase, longest: int) -> int:
    """Until ``END``, at least one; ``longest`` where there is none."""
    end = session.get(END)
    if end is None:
        return longest
    return min(longest, max(1, int(end - clock.now().timestamp())))
