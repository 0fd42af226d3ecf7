"""A source's own daily figures: what it knows it has, whatever arrives elsewhere.

Counted from what leaves the system, before anything befalls it on its way: visits and admissions
by the day they began, discharges by the day they ended, reports by the day they were issued,
prescriptions by the day they were written, fees by the visit. Each with its numbers. A hospital
that reports by messages counts what its Chinese pharmacy writes as documents, too; who writes
nothing but documents has no figures.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from minkang.synth.speak.sent import Message, Row, Sent
from minkang.synth.speak.systems import System
from minkang.synth.speak.tables import FLAT, WIDE

HEAD: Final = ("day", "type", "department", "count", "sum", "items")
"""The columns of a file of figures."""

_PRESCRIPTIONS: Final = frozenset(f"药品{number}处方号" for number in range(1, 13)) | {"中药处方号"}
_CHINESE: Final = re.compile(
    rb'<effectiveTime value="(\d{8}).*?<id root="2\.16\.156\.10011\.1\.20" extension="([^"]+)"'
)
"""Day and number of a Chinese prescription (C0005)."""
_STUDIES: Final = tuple((f"检查{number}单号", f"检查{number}时间") for number in range(1, 5))


class Figures:
    """Numbers by source, day and type, of the days from `since` on."""

    def __init__(self, systems: dict[str, System], since: date) -> None:
        self._charsets = {system.id: system.charset for system in systems.values()}
        self._speaks = {system.id for system in systems.values() if system.way == "hl7"}
        self._since = since
        self._first = since.isoformat()
        self._found: dict[tuple[str, str, str], dict[str, float]] = {}

    def take(self, one: Sent) -> None:
        """Count what a message or row says there is."""
        if isinstance(one, Row):
            if one.table in (WIDE, FLAT):
                self._row(one)
        elif one.channel == "mllp":
            self._message(one)
        elif one.name.startswith("C0005") and one.source in self._speaks:
            self._chinese_prescription(one)

    def sources(self) -> list[str]:
        """Who has figures."""
        return sorted({source for source, _, _ in self._found})

    def lines(self, source: str, until: date) -> Iterator[tuple[str, ...]]:
        """The figures of a source in order of day and type, as cells of `HEAD`.

        Every day before `until` has a line for each type that the source knows; a nought is told,
        too, for a day of which nothing is told proves nothing.
        """
        kinds = sorted({kind for one, _, kind in self._found if one == source})
        day = self._since
        while day < until:
            for kind in kinds:
                numbers = self._found.get((source, day.isoformat(), kind), {})
                total = f"{sum(numbers.values()):.2f}" if kind == "fees" else ""
                items = ";".join(sorted(numbers))
                yield day.isoformat(), kind, "", str(len(numbers)), total, items
            day += timedelta(days=1)

    def _add(self, source: str, day: str, kind: str, number: str, amount: float = 0.0) -> None:
        if number and day >= self._first:
            self._found.setdefault((source, day, kind), {})[number] = amount

    def _row(self, row: Row) -> None:
        values = row.values
        if row.table == FLAT:
            self._add(row.source, values["visit_time"][:10], "visits", row.number)
            return
        day = values["就诊时间"][:10]
        stay = values["就诊类别"] == "住院"
        self._add(row.source, day, "admissions" if stay else "visits", row.number)
        if stay and "结束时间" in values:
            self._add(row.source, values["结束时间"][:10], "discharges", row.number)
        for column in _PRESCRIPTIONS:
            self._add(row.source, day, "prescriptions", values.get(column, ""))
        for number, time in _STUDIES:
            self._add(row.source, values.get(time, "")[:10], "reports", values.get(number, ""))
        if "总费用" in values:
            self._add(row.source, day, "fees", f"{row.number}/费用", float(values["总费用"]))

    def _chinese_prescription(self, document: Message) -> None:
        if found := _CHINESE.search(document.raw):
            day, number = (part.decode() for part in found.groups())
            self._add(document.source, _day(day), "prescriptions", number)

    def _message(self, message: Message) -> None:
        kind = message.name[:7]
        if kind[:3] not in ("ADT", "ORU", "RDE") or kind == "ADT^A31":
            return
        source = message.source
        order = ""
        for line in message.raw.decode(self._charsets[source]).split("\r"):
            fields = line.split("|")
            if fields[0] == "PV1" and kind[:3] == "ADT":
                number, begin = fields[19], _day(fields[44])
                stay = fields[2] == "I"
                self._add(source, begin, "admissions" if stay else "visits", number)
                if stay and len(fields) > 45:
                    self._add(source, _day(fields[45]), "discharges", number)
            elif fields[0] == "OBR" and kind[:3] == "ORU":
                self._add(source, _day(fields[22]), "reports", fields[3])
            elif fields[0] == "ORC" and kind[:3] == "RDE" and fields[4] != order:
                order = fields[4]
                self._add(source, _day(fields[9]), "prescriptions", order)


def _day(time: str) -> str:
    return f"{time[:4]}-{time[4:6]}-{time[6:8]}"
