"""One order of a message: its ORC and the segments that belong to it."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from minkang.exchange.hl7v2 import Segment
from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.hl7v2.concepts import TERMINOLOGY
from minkang.exchange.mappings.hl7v2.fields import Reader

DETAILS: Final = ("RXE", "RXO", "OBR", "ODS")
"""The segments that say what is ordered; what a pharmacy made of an order (RXE) comes first."""


class OrderGroup(msgspec.Struct, frozen=True):
    """The segments of one order, the first of them ORC, or OBR where there is no ORC."""

    segments: tuple[Segment, ...]

    def first(self, name: str) -> Segment | None:
        """The first segment of a name."""
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator[Segment]:
        """All segments of a name."""
        return (segment for segment in self.segments if segment.name == name)

    @property
    def orc(self) -> Segment | None:
        """The order control."""
        return self.first("ORC")

    @property
    def detail(self) -> Segment | None:
        """The segment that says what is ordered."""
        return next((found for name in DETAILS if (found := self.first(name))), None)

    @property
    def placer(self) -> str:
        """The number of who orders (ORC-2, OBR-2)."""
        return self._either(2)

    @property
    def filler(self) -> str:
        """The number of who carries it out (ORC-3, OBR-3)."""
        return self._either(3)

    @property
    def group_number(self) -> str:
        """The number that several orders share (ORC-4)."""
        orc = self.orc
        return orc.part(4) if orc else ""

    @property
    def number(self) -> str:
        """What the order is known by: the placer's number, else the filler's, else its group's
        together with what is ordered; empty if it has none.
        """
        if self.placer:
            return self.placer
        if self.filler:
            return f"{self.filler}/filler"
        detail = self.detail
        if detail is None or not self.group_number:
            return ""
        field = {"OBR": 4, "ODS": 3, "RXO": 1, "RXE": 2}[detail.name]
        what = detail.part(field) or detail.value(field, 2)
        return f"{self.group_number}/{what}/group" if what else ""

    def identifiers(self, context: Context) -> list[dict[str, Any]]:
        """Both numbers with their kinds (table 0203 PLAC, FILL)."""
        found = []
        for kind, value in (("PLAC", self.placer), ("FILL", self.filler)):
            if value:
                coding = {"system": f"{TERMINOLOGY}v2-0203", "code": kind}
                system = context.number_system("order" if kind == "PLAC" else "filler-order")
                found.append({"type": {"coding": [coding]}, "system": system, "value": value})
        return found

    @property
    def priority(self) -> str:
        """TQ1-9, else component 6 of the older quantity/timing, else OBR-5; upper case."""
        found = ""
        if tq1 := self.first("TQ1"):
            found = tq1.part(9)
        if not found and (orc := self.orc):
            found = orc.part(7, 6)
        if obr := self.first("OBR"):
            found = found or obr.part(27, 6) or obr.part(5)
        return found.upper()

    def wanted_at(self, reader: Reader) -> str | None:
        """When it is to be done: TQ1-7, OBR-36, the older quantity/timing, OBR-6 (up to v2.4)."""
        places = (("TQ1", 7, 1), ("OBR", 36, 1), ("ORC", 7, 4), ("OBR", 27, 4), ("OBR", 6, 1))
        for name, field, component in places:
            segment = self.first(name)
            if segment and segment.part(field, component):
                return reader.time(segment, field, component)
        return None

    @property
    def notes(self) -> list[str]:
        """The notes on the order itself: those before any result or specimen."""
        found = []
        for segment in self.segments:
            if segment.name in ("OBX", "SPM", "DG1"):
                break
            if segment.name == "NTE":
                lines = [parts[0].strip() for parts in segment.repetitions(3)]
                if text := "\n".join(line for line in lines if line not in ("", '""')):
                    found.append(text)
        return found

    def _either(self, field: int) -> str:
        orc, obr = self.orc, self.first("OBR")
        return (orc.part(field) if orc else "") or (obr.part(field) if obr else "")
