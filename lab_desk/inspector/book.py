"""Which records belong together: what shares a name, however late it comes and in what order.

A hand-shake has a name that both sides know (the beginning of its challenge), a request the one
that nginx gave it and that goes along on the back channel, a log-out the one of its act. Whatever
was told under one of them is of the same story.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from lab import table
from sso_kit.events import Step

from .records import Hop, Record, Taken

MOST_EXCHANGES = 60  # of one story; a flood has more, and they are counted
MOST_STORIES = 3_000
MOST_LOOSE = 20_000  # hops
SSO, REFUSED = "/sso/", 400  # where a hand-shake's addresses are; what statuses refuse


@dataclass
class Exchange:
    """One request at one site, as the site and nginx have told it.

    Attributes:
        record: ``None`` where nginx answered by itself.
        hop: ``None`` on the back channel, which goes past nginx.
    """

    site: str
    record: Record | None = None
    hop: Hop | None = None

    @property
    def at(self) -> float:
        if self.record:
            return self.record.at
        return self.hop.at - self.hop.seconds if self.hop else 0.0

    @property
    def ends(self) -> float:
        if self.record:
            return self.record.ends
        return self.hop.at if self.hop else 0.0

    @property
    def steps(self) -> tuple[Taken, ...]:
        return self.record.steps if self.record else ()


@dataclass
class Story:
    """A hand-shake, a log-out, a time-out, ...: all that was told of it.

    Attributes:
        number: grows with each story that begins.
        version: grows with each record that comes.
        more: exchanges beyond the most.
        verdict: what ``views`` has found out about it: of which version, in which minute.
    """

    number: int
    names: list[str] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    version: int = 0
    more: int = 0
    verdict: tuple[int, int, Any] | None = None

    @property
    def name(self) -> str:
        """By what its page is found: the hand-shake's own id, if it is one."""
        shakes = (taken.fact("handshake") for taken in self.steps)
        return next((shake for shake in shakes if shake in self.names), self.names[0])

    @property
    def in_order(self) -> list[Exchange]:
        return sorted(self.exchanges, key=lambda exchange: exchange.at)

    @property
    def steps(self) -> list[Taken]:
        taken = [step for exchange in self.exchanges for step in exchange.steps]
        return sorted(taken, key=lambda step: step.at)

    @property
    def began(self) -> float:
        return min(exchange.at for exchange in self.exchanges)

    @property
    def ended(self) -> float:
        return max(exchange.ends for exchange in self.exchanges)

    def has(self, *steps: Step) -> bool:
        return any(taken.step in steps for exchange in self.exchanges for taken in exchange.steps)


class Book:
    """All stories, found by each of their names.

    Attributes:
        loose: hops of requests of which no site has told a step, by the request. Most are of
            pages that are nobody's business here; some are told of a moment later.
        seen: hops that have come; a file that was copied has them twice.
        version: another one whenever something here has changed.
    """

    def __init__(self) -> None:
        self.by_name: dict[str, Story] = {}
        self.stories: dict[int, Story] = {}
        self.loose: OrderedDict[str, list[Hop]] = OrderedDict()
        self.seen: OrderedDict[tuple[str, str], None] = OrderedDict()
        self.last = 0
        self.version = 0

    def add(self, told: Record | Hop) -> None:
        if isinstance(told, Hop):
            self._add_hop(told)
        else:
            self._add_record(told)

    def find(self, name: str) -> Story | None:
        return self.by_name.get(name)

    def newest_first(self) -> list[Story]:
        return sorted(self.stories.values(), key=lambda story: story.began, reverse=True)

    def forget(self, before: float) -> None:
        """What is older, and what there is too much of.

        Parameters:
            before: second since 1970.
        """
        old = [story for story in self.stories.values() if story.ended < before]
        too_many = len(self.stories) - len(old) - MOST_STORIES
        if too_many > 0:
            kept = [story for story in self.stories.values() if story.ended >= before]
            old += sorted(kept, key=lambda story: story.ended)[:too_many]
        for story in old:
            self._drop(story)

    def _drop(self, story: Story) -> None:
        self.version += 1
        del self.stories[story.number]
        for name in story.names:
            if self.by_name.get(name) is story:
                del self.by_name[name]

    def _add_record(self, record: Record) -> None:
        self.version += 1
        story = self._story(record.names)
        story.version += 1
        found = next((each for each in story.exchanges if _fits_record(each, record)), None)
        if found:
            found.record = record
        else:
            self._append(story, Exchange(record.site, record=record))
        for hop in self.loose.pop(record.id, ()):
            self._place(hop, _site_of(hop.host) or "")

    def _add_hop(self, hop: Hop) -> None:
        site = _site_of(hop.host)
        if site is None or (hop.id, site) in self.seen:
            return
        self.seen[hop.id, site] = None
        while len(self.seen) > MOST_LOOSE:
            self.seen.popitem(last=False)
        if hop.id not in self.by_name and not _is_remarkable(hop):
            self.loose.setdefault(hop.id, []).append(hop)
            while len(self.loose) > MOST_LOOSE:
                self.loose.popitem(last=False)
            return
        self._place(hop, site)

    def _place(self, hop: Hop, site: str) -> None:
        self.version += 1
        story = self._story(frozenset({hop.id}))
        story.version += 1
        found = next((each for each in story.exchanges if _fits_hop(each, hop, site)), None)
        if found:
            found.hop = hop
        else:
            self._append(story, Exchange(site, hop=hop))

    def _append(self, story: Story, exchange: Exchange) -> None:
        if len(story.exchanges) < MOST_EXCHANGES:
            story.exchanges.append(exchange)
        else:
            story.more += 1

    def _story(self, names: frozenset[str]) -> Story:
        """The one that has one of these names; several that turn out to be one become one."""
        found = {id(story): story for name in names if (story := self.by_name.get(name))}
        stories = sorted(found.values(), key=lambda story: story.number)
        story = stories[0] if stories else self._new()
        for other in stories[1:]:
            self._merge(story, other)
        for name in sorted(names):
            if name not in story.names:
                story.names.append(name)
            self.by_name[name] = story
        return story

    def _new(self) -> Story:
        self.last += 1
        story = self.stories[self.last] = Story(self.last)
        return story

    def _merge(self, story: Story, other: Story) -> None:
        for exchange in other.exchanges:
            self._append(story, exchange)
        story.more += other.more
        story.version += other.version
        del self.stories[other.number]
        for name in other.names:
            self.by_name[name] = story
            if name not in story.names:
                story.names.append(name)


def _fits_record(exchange: Exchange, record: Record) -> bool:
    """The hop of this very request came first."""
    hop = exchange.hop
    return (
        exchange.record is None
        and hop is not None
        and (hop.id, exchange.site) == (record.id, record.site)
    )


def _fits_hop(exchange: Exchange, hop: Hop, site: str) -> bool:
    record = exchange.record
    return (
        exchange.hop is None
        and record is not None
        and record.request is not None
        and (record.id, record.site) == (hop.id, site)
    )


def _is_remarkable(hop: Hop) -> bool:
    """Refused at a hand-shake's own address by nginx itself: no site tells of that."""
    return hop.path.startswith(SSO) and hop.status >= REFUSED and not hop.upstream_status


def _site_of(host: str) -> str | None:
    """By its name in the table."""
    wanted = host.partition(":")[0].lower()
    return next((site.name for site in table.load().sites if site.host == wanted), None)
