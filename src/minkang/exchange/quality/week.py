"""A week of a source: what came, what was wrong, what is proven; for people who talk to each other.

Days and hours are those of the region. Everything is read from what is stored; nothing is kept.
"""

from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from minkang.exchange.figures import Day, by_day
from minkang.exchange.quality.figures import Example, Line, by_rule, examples, lines
from minkang.exchange.quality.rule import Rule
from minkang.exchange.reconciliation import Comparison, calendar
from minkang.fhir.dates import LOCAL
from minkang.store import Connection, Store
from minkang.terminology.unmapped import Waiting, queue

_HOUR: Final = timedelta(hours=1)
_MOST_RULES: Final = 15
_MOST_CODES: Final = 20
_EXAMPLES: Final = 3


class Refusals(msgspec.Struct, frozen=True):
    """What a rule refused of a week: how many messages, and the newest of them."""

    rule: str
    stage: str
    text: str
    count: int
    messages: tuple[int, ...]


class Stretch(msgspec.Struct, frozen=True):
    """Hours without a message, from the first to the last of them."""

    begin: datetime
    hours: int


class Failures(msgspec.Struct, frozen=True):
    """A rule of quality that failed in a week."""

    rule: Rule
    judged: int
    failed: int
    examples: tuple[Example, ...]


class Week(msgspec.Struct, frozen=True):
    """Everything of a week.

    Attributes:
        monday: its first day.
        days: what came in; days without anything are not there.
        quality, before: what was judged of this week and of the one before.
        silent: hours without a message, of those that are over; `longest` the longest stretch.
    """

    monday: date
    days: tuple[Day, ...]
    refusals: tuple[Refusals, ...]
    quality: tuple[Line, ...]
    before: tuple[Line, ...]
    failures: tuple[Failures, ...]
    reconciled: tuple[Comparison, ...]
    unmapped: tuple[Waiting, ...]
    silent: int
    longest: Stretch | None


def monday_of(text: str, today: date) -> date | None:
    """The Monday of an ISO week (`2026-W47`); of the last whole week if the text is empty."""
    if not text:
        return today - timedelta(days=today.weekday() + 7)
    year, _, week = text.partition("-W")
    try:
        return date.fromisocalendar(int(year), int(week), 1)
    except (ValueError, OverflowError):
        return None


async def week_of(
    store: Store, connection: Connection, source: str, monday: date, now: datetime
) -> Week:
    """The week of a source that begins on that Monday."""
    sunday = monday + timedelta(days=6)
    begin = datetime(monday.year, monday.month, monday.day, tzinfo=LOCAL)
    end = min(begin + timedelta(days=7), now)
    since_then = max(1, (now - begin).days + 2)
    came = await by_day(connection, source, now, since_then)
    found = await lines(connection, monday - timedelta(days=7), sunday, source)
    quality = tuple(line for line in found if line.day >= monday)
    silent, longest = await _silence(connection, source, begin, end)
    return Week(
        monday,
        tuple(one for one in reversed(came) if str(monday) <= one.day <= str(sunday)),
        await _refusals(connection, source, begin, end),
        quality,
        tuple(line for line in found if line.day < monday),
        await _failures(store, connection, source, quality, (monday, sunday)),
        tuple(o for o in await calendar(connection, monday, sunday) if o.source == source),
        tuple(await queue(connection, source=source, limit=_MOST_CODES)),
        silent,
        longest,
    )


async def _refusals(
    connection: Connection, source: str, begin: datetime, end: datetime
) -> tuple[Refusals, ...]:
    rows = await connection.fetch(
        """select p.rule, min(p.stage) as stage, min(p.text) as text,
                  count(distinct m.id) as count,
                  (array_agg(distinct m.id order by m.id desc))[1:3] as messages
           from exchange.message m join exchange.problem p on p.message = m.id
           where m.source = $1 and m.received >= $2 and m.received < $3
           and m.state = 'quarantined'
           group by p.rule order by count desc, p.rule limit $4""",
        source,
        begin,
        end,
        _MOST_RULES,
    )
    return tuple(
        Refusals(row["rule"], row["stage"], row["text"], row["count"], tuple(row["messages"]))
        for row in rows
    )


async def _failures(
    store: Store,
    connection: Connection,
    source: str,
    found: tuple[Line, ...],
    days: tuple[date, date],
) -> tuple[Failures, ...]:
    worst = [(rule, count) for rule, count in by_rule(found) if count.failed][:_MOST_RULES]
    return tuple(
        [
            Failures(
                rule,
                count.judged,
                count.failed,
                tuple(await examples(store, connection, source, rule.id, *days, limit=_EXAMPLES)),
            )
            for rule, count in worst
        ]
    )


async def _silence(
    connection: Connection, source: str, begin: datetime, end: datetime
) -> tuple[int, Stretch | None]:
    """How many hours had no message, and the longest stretch of them."""
    rows = await connection.fetch(
        """select distinct hour from exchange.hour
           where source = $1 and hour >= $2 and hour < $3 and received + repeated > 0""",
        source,
        begin,
        end,
    )
    busy = {row["hour"] for row in rows}
    silent, longest, run = 0, None, 0
    for number in range(max(0, int((end - begin) / _HOUR))):
        hour = begin + number * _HOUR
        run = 0 if hour in busy else run + 1
        silent += hour not in busy
        if run and (longest is None or run > longest.hours):
            longest = Stretch(hour - (run - 1) * _HOUR, run)
    return silent, longest
