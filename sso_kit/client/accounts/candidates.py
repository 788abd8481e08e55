"""Which local accounts could be handed over, and what an administrator should see of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import QuerySet
from django.utils import timezone

from ... import databases
from ...store import people
from .adoption import BATCH, name_at_server, obstacle


@dataclass(frozen=True)
class Selection:
    """Accounts by name and by the day on which they were made; all conditions count.

    Attributes:
        before: made before this day began.
        after: made on this day or later.
    """

    names: tuple[str, ...] = ()
    before: date | None = None
    after: date | None = None

    @property
    def by_date(self) -> bool:
        return self.before is not None or self.after is not None

    def accounts(self) -> QuerySet[Any]:
        """With all that ``describe`` tells, by the same few statements however many they are."""
        model = get_user_model()
        conditions: dict[str, Any] = {}
        if self.names:
            conditions[f"{model.USERNAME_FIELD}__in"] = self.names
        if self.before:
            conditions["date_joined__lt"] = _start_of(self.before)
        if self.after:
            conditions["date_joined__gte"] = _start_of(self.after)
        accounts: QuerySet[Any] = databases.written(model).filter(**conditions)
        if people.has_groups():
            accounts = accounts.prefetch_related("groups")
        return accounts.select_related("sso_identity").order_by(model.USERNAME_FIELD)

    def options(self, found: Summary) -> list[str]:
        """The command's options for the same again; without conditions, for what was found."""
        chosen = self if self.names or self.by_date else found.selection()
        return [
            *(f"--name={name}" for name in chosen.names),
            *([f"--joined-before={chosen.before}"] if chosen.before else []),
            *([f"--joined-after={chosen.after}"] if chosen.after else []),
        ]


def has_date_joined() -> bool:
    return any(field.name == "date_joined" for field in get_user_model()._meta.concrete_fields)


@dataclass
class Summary:
    """What has to be remembered of accounts that went by, however many."""

    count: int = 0
    newest: datetime | None = None
    names: list[str] = field(default_factory=list)

    def add(self, user: Any) -> None:
        self.count += 1
        if has_date_joined():
            self.newest = max(self.newest or user.date_joined, user.date_joined)
        else:
            self.names.append(user.get_username())

    def selection(self) -> Selection:
        if self.newest is None:
            return Selection(names=tuple(self.names))
        return Selection(before=local(self.newest).date() + timedelta(days=1))


def candidates(selection: Selection, issuer: str, by_stock_only: bool) -> Iterator[Any]:
    """The selected accounts that may be handed over to whoever bears their name.

    Parameters:
        by_stock_only: the server is still stock, so an account known by name is complete.
    """
    unusable = selection.accounts().filter(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    for user in unusable.iterator(chunk_size=BATCH):
        if not obstacle(user, issuer) and not (by_stock_only and _identity(user)):
            yield user


def describe(user: Any, issuer: str) -> str:
    """One line with what would be handed over."""
    facts = [
        f"joined {_day(getattr(user, 'date_joined', None))}",
        f"last log-in {_day(getattr(user, 'last_login', None))}",
        f"groups {', '.join(_groups(user)) or 'none'}",
        *_marks(user),
    ]
    earlier = name_at_server(user, issuer) if _identity(user) else None
    if earlier is not None:
        facts.append(f"was {earlier!r} at the server before that was migrated")
    return f"{user.get_username()}: {'; '.join(facts)}"


def _marks(user: Any) -> list[str]:
    marks = {
        "STAFF": getattr(user, "is_staff", False),
        "SUPERUSER": getattr(user, "is_superuser", False),
        "has a password of its own": user.has_usable_password(),
        "deactivated": not user.is_active,
    }
    return [mark for mark, applies in marks.items() if applies]


def _groups(user: Any) -> list[str]:
    return sorted(group.name for group in user.groups.all()) if people.has_groups() else []


def _identity(user: Any) -> Any:
    return getattr(user, "sso_identity", None)


def _day(moment: datetime | None) -> str:
    return "unknown" if moment is None else f"{local(moment):%Y-%m-%d}"


def local(moment: datetime) -> datetime:
    """On this project's clock."""
    return timezone.localtime(moment) if settings.USE_TZ else moment


def _start_of(day: date) -> datetime:
    start = datetime.combine(day, time.min)
    return timezone.make_aware(start) if settings.USE_TZ else start
