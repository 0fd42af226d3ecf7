"""Queries by parameter: what a QBP message asks for.

HL7 v2.5.1, 3.3.56 to 3.3.58 (Q21 Get Person Demographics, Q22 Find Candidates, Q23 Get
Corresponding Identifiers), 5.5.4 QPD, 5.5.6 RCP, 2.14.4 DSC; IHE ITI TF-2, 3.9 (PIX), 3.21 (PDQ).
"""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from minkang.exchange.hl7v2.message import Message, Segment
from minkang.fhir import Problem, Refused

QUERIES: Final = frozenset({"QBP^Q21", "QBP^Q22", "QBP^Q23"})
"""Type and event of the queries that are answered."""

CANCEL: Final = "QCN^J01"
"""A query's continuation is given up."""

_FIELD: Final = re.compile(r"@?(PID\.\d{1,2}(?:\.\d{1,2}){0,2})")
_DIGITS: Final = re.compile(r"\d{1,9}", re.ASCII)
_QUANTITY: Final = 20
_MOST: Final = 200


class Authority(msgspec.Struct, frozen=True):
    """Who gave a number out (CX-4, HD): a name, and an id of a kind (`ISO`, `URI`)."""

    name: str = ""
    id: str = ""
    kind: str = ""

    def __bool__(self) -> bool:
        return bool(self.name or self.id)


class Number(msgspec.Struct, frozen=True):
    """A number as CX writes it; `place` is its field."""

    value: str
    authority: Authority
    kind: str
    place: str


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a query asks for.

    Attributes:
        event: `Q21`, `Q22` or `Q23`.
        tag: QPD-2, by which the sender knows the query again.
        name: QPD-1 as it was written.
        number: of Q21 and Q23.
        fields: of Q22: values by field, `PID.5.1`, of each the place.
        domains: whose numbers the answer shall hold, with their places; none is all.
        most: how many residents an answer holds at most.
        pointer: where to go on (DSC-1); empty for the first answer.
    """

    event: str
    tag: str
    name: str
    number: Number | None = None
    fields: Mapping[str, tuple[str, str]] = {}
    domains: tuple[tuple[Authority, str], ...] = ()
    most: int = _QUANTITY
    pointer: str = ""


def read_query(message: Message) -> Asked:
    """What a message of `QUERIES` asks for.

    Raises:
        Refused: stage `map`: a segment or field is missing or can't be read.
    """
    event = message.kind.partition("^")[2]
    qpd = message.first("QPD")
    if qpd is None:
        raise _refused("QPD", "required", "缺少 QPD 段，不知查询什么")
    if not qpd.value(2):
        raise _refused(qpd.place(2), "required", "缺少查询标识（QPD-2）")
    found = event == "Q22"
    return Asked(
        event=event,
        tag=qpd.value(2),
        name=qpd.raw(1),
        number=None if found else _number(qpd),
        fields=_fields(qpd) if found else {},
        domains=_domains(qpd, 8 if found else 4),
        most=_most(message.first("RCP")),
        pointer=_pointer(message.first("DSC")),
    )


def _number(qpd: Segment) -> Number:
    value, kind = qpd.part(3), qpd.value(3, 5).upper()
    authority = _hd(*(qpd.part(3, 4, sub) for sub in (1, 2, 3)))
    if not value:
        raise _refused(qpd.place(3), "required", "缺少患者编号（QPD-3）")
    return Number(value, authority, kind, qpd.place(3))


def _hd(name: str = "", universal: str = "", kind: str = "", *_: str) -> Authority:
    return Authority(name.strip(), universal.strip(), kind.strip().upper())


def _fields(qpd: Segment) -> dict[str, tuple[str, str]]:
    """Values by field: QPD-3 repeats `@PID.5.1^Smith`; a value goes on in further components."""
    found: dict[str, tuple[str, str]] = {}
    for number, parts in enumerate(qpd.repetitions(3), 1):
        name, value = parts[0].strip(), parts[1].strip() if len(parts) > 1 else ""
        if not (name or value):
            continue
        place = qpd.place(3, 1, number)
        match = _FIELD.fullmatch(name.upper())
        if match is None:
            raise _refused(place, "code", f"{name[:40]!r} 不是 PID 的一个字段，如 @PID.5.1")
        if value and value != '""':
            found[match[1]] = (value, place)
    if not found:
        raise _refused(qpd.place(3), "required", "缺少查询条件（QPD-3），如 @PID.5.1^张三")
    return found


def _domains(qpd: Segment, field: int) -> tuple[tuple[Authority, str], ...]:
    """The authorities of CX (component 4), or those that stand alone as HD."""
    found = []
    for number, parts in enumerate(qpd.repetitions(field), 1):
        inner = parts[3].split(qpd.delimiters[4]) if len(parts) > 3 else parts
        authority = _hd(*inner)
        if authority:
            found.append((authority, qpd.place(field, 4, number)))
    return tuple(found)


def _most(rcp: Segment | None) -> int:
    """RCP-2: how many records (`10^RD`); another unit than records counts for nothing."""
    text = rcp.value(2) if rcp is not None else ""
    if rcp is None or not text or rcp.value(2, 2).upper() not in ("", "RD"):
        return _QUANTITY
    if not _DIGITS.fullmatch(text) or int(text) == 0:
        raise _refused(rcp.place(2), "number", "每次应答的条数应为正整数（RCP-2）")
    return min(int(text), _MOST)


def _pointer(dsc: Segment | None) -> str:
    return dsc.value(1) if dsc is not None else ""


def _refused(place: str, rule: str, text: str) -> Refused:
    return Refused([Problem("map", place, rule, text)])
