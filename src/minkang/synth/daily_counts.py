"""What a hospital would report of its own days: how many, and by which numbers.

Counted from the messages that left it, each visit and report as it was last told, by rules of its
own: `visits` and `admissions` on the day they begin, `discharges` on the day they end, `reports` on
the day they were issued. Messages that are broken count for nothing.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from minkang.synth.institutions import INSTITUTIONS
from minkang.synth.region import Region
from minkang.synth.stream import OK
from minkang.synth.visits import LOCAL

KINDS: Final = ("visits", "admissions", "discharges", "reports")
"""What is counted; none on a day is reported as none."""

_LOST_NUMBER: Final = 9_000_000
_EVERY: Final = 3  # days from one lost visit to the one before


class DayCount(msgspec.Struct, frozen=True):
    """A day and kind of a source; of visits also a department, else the whole house (empty)."""

    day: date
    kind: str
    department: str
    numbers: tuple[str, ...]


def daily_counts(region: Region, source: str, since: date, *, lost: int = 0) -> list[DayCount]:
    """What a hospital reports of each day from `since` on.

    `lost`: so many visits of its latest days stand in the hospital's books and never left it.

    Raises:
        KeyError: that source sends no messages.
    """
    found: dict[tuple[date, str, str], set[str]] = defaultdict(set)
    for (_, number), facts in _latest(region, source, since).items():
        for day, kind, department in facts:
            if day >= since:
                found[day, kind, department].add(number)
    department = min(INSTITUTIONS[source].staff)
    for place in range(lost):
        day = region.today - timedelta(days=2 + _EVERY * place)
        found[day, "visits", department].add(f"V{_LOST_NUMBER + place}")
    told = {key[:2] for key in found}
    for after in range((region.today - since).days):
        day = since + timedelta(days=after)
        for kind in KINDS:
            if (day, kind) not in told:
                found[day, kind, ""] = set()
    return [DayCount(*key, tuple(sorted(numbers))) for key, numbers in sorted(found.items())]


_Facts = list[tuple[date, str, str]]


def _latest(region: Region, source: str, since: date) -> dict[tuple[str, str], _Facts]:
    """Visits and reports by their numbers: the days on which they count, as last told."""
    found: dict[tuple[str, str], _Facts] = {}
    begin = datetime(since.year, since.month, since.day, tzinfo=LOCAL)
    for message in region.sent[source]:
        if message.at < begin or message.expected != OK:
            continue
        text = message.raw.decode(INSTITUTIONS[source].charset)
        lines = [line.split("|") for line in text.split("\r") if line]
        is_visit = lines[0][8].startswith("ADT")
        for fields in lines:
            if fields[0] == "PV1" and is_visit:
                found["visit", fields[19].partition("^")[0]] = list(_visit(fields))
            elif fields[0] == "OBR":
                found["report", fields[3].partition("^")[0]] = [(_day(fields[22]), "reports", "")]
    return found


def _visit(fields: list[str]) -> Iterator[tuple[date, str, str]]:
    if fields[2] != "I":
        yield _day(fields[44]), "visits", fields[3].partition("^")[0]
        return
    yield _day(fields[44]), "admissions", ""
    if len(fields) > 45 and fields[45]:
        yield _day(fields[45]), "discharges", ""


def _day(timestamp: str) -> date:
    return date(int(timestamp[:4]), int(timestamp[4:6]), int(timestamp[6:8]))
