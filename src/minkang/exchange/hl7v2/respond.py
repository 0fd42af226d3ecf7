"""Answers to queries: RSP^K21, K22 and K23 in the sender's delimiters and character set.

HL7 v2.5.1, 3.3.56 to 3.3.58, 5.5.2 QAK, 5.5.5 QRI, 2.14.4 DSC; what is said of nobody found and of
unknown numbers after IHE ITI TF-2, 3.9.4.2.2.6 and 3.21.4.2.2.8.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from minkang.exchange.hl7v2.message import Segment
from minkang.exchange.hl7v2.query import Asked, Authority
from minkang.exchange.hl7v2.writer import Writer, encoded
from minkang.fhir import Problem

_EVENTS: Final = {"Q21": "K21", "Q22": "K22", "Q23": "K23"}
_STRUCTURES: Final = {"Q21": "RSP_K21", "Q22": "RSP_K21", "Q23": "RSP_K23"}
_PSEUDONYM: Final = "S"


class Given(msgspec.Struct, frozen=True):
    """A number of a resident, as CX writes it."""

    value: str
    authority: Authority
    kind: str


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A resident in an answer; of K23 the numbers alone.

    Attributes:
        names: family name (or the whole), given name, name type code.
        birth: digits, as far as it is known; sex: HL7 table 0001.
        addresses: street, city, state, postal code.
        confidence: from 0 to 1, how well who was found fits; None: nobody can tell.
    """

    numbers: tuple[Given, ...]
    names: tuple[tuple[str, str, str], ...] = ()
    birth: str = ""
    sex: str = ""
    addresses: tuple[tuple[str, str, str, str], ...] = ()
    phones: tuple[str, ...] = ()
    confidence: float | None = None


class Found(msgspec.Struct, frozen=True):
    """What was found: a page of residents, and where to go on if there are more."""

    persons: tuple[Person, ...] = ()
    next: str = ""


def respond(msh: Segment, asked: Asked, qpd: Segment, found: Found, at: datetime) -> bytes:
    """The answer to a query that could be carried out; `NF` where nobody was found."""
    writer = _writer(msh)
    status = "OK" if found.persons else "NF"
    count = str(len(found.persons))
    # How many there are in all is known only where there are no more.
    whole = count if not (found.next or asked.pointer) else ""
    left = "0" if not found.next else ""
    name = asked.name
    lines = [
        *_opened(writer, asked.event, "AA", at),
        writer.segment("QAK", writer.escaped(asked.tag), status, name, whole, count, left),
        qpd.text,
    ]
    for number, one in enumerate(found.persons, 1):
        lines.append(_pid(writer, number, one, bare=asked.event == "Q23"))
        if one.confidence is not None:
            lines.append(writer.segment("QRI", f"{one.confidence:.4f}", "", "minkang"))
    if found.next:
        lines.append(writer.segment("DSC", writer.escaped(found.next), "I"))
    return encoded([line.rstrip(writer.mark) for line in lines], msh.charset)


def refuse(
    msh: Segment,
    event: str,
    said: tuple[str, str, Segment | None],
    problems: Sequence[Problem],
    at: datetime,
) -> bytes:
    """The answer to a query that can't be carried out: `AE`, with an ERR for each problem.

    `said` is tag, name and QPD of the query, as far as it has them.
    """
    writer = _writer(msh)
    tag, name, qpd = said
    lines = _opened(writer, event, "AE", at)
    lines += [writer.problem(one, old=False) for one in problems]
    lines.append(writer.segment("QAK", writer.escaped(tag), "AE", name))
    if qpd is not None:
        lines.append(qpd.text)
    return encoded([line.rstrip(writer.mark) for line in lines], msh.charset)


def _writer(msh: Segment) -> Writer:
    return Writer(msh, msh.charset)


def _opened(writer: Writer, event: str, code: str, at: datetime) -> list[str]:
    answer = _EVENTS.get(event, "K22")
    kind = writer.component.join(("RSP", answer, _STRUCTURES.get(event, "RSP_K21")))
    fields = [
        writer.time(at),
        "",
        kind,
        secrets.token_hex(10),
        writer.answered(11) or "P",
        writer.answered(12) or "2.5",
        *[""] * 5,
        writer.answered(18),
    ]
    return [writer.header("MSH", fields), writer.segment("MSA", code, writer.answered(10))]


def _pid(writer: Writer, number: int, one: Person, *, bare: bool) -> str:
    numbers = writer.repeat.join(_cx(writer, given) for given in one.numbers)
    if bare:
        # Of whom the numbers are is not told: an empty name, and one of a pseudonym.
        name = writer.repeat + writer.component * 6 + _PSEUDONYM
        return writer.segment("PID", str(number), "", numbers, "", name)
    names = writer.repeat.join(_xpn(writer, parts) for parts in one.names)
    addresses = writer.repeat.join(_xad(writer, parts) for parts in one.addresses)
    phones = writer.repeat.join(map(writer.escaped, one.phones))
    return writer.segment(
        "PID", str(number), "", numbers, "", names, "", one.birth, one.sex, "", "", addresses, "",
        phones,
    )  # fmt: skip


def _cx(writer: Writer, given: Given) -> str:
    authority = given.authority
    parts = [authority.name, authority.id, authority.kind]
    while parts and not parts[-1]:
        parts.pop()
    hd = writer.sub.join(map(writer.escaped, parts))
    return writer.component.join((writer.escaped(given.value), "", "", hd, given.kind))


def _xpn(writer: Writer, parts: tuple[str, str, str]) -> str:
    family, given, kind = map(writer.escaped, parts)
    return writer.component.join((family, given, "", "", "", "", kind)).rstrip(writer.component)


def _xad(writer: Writer, parts: tuple[str, str, str, str]) -> str:
    street, city, state, post = map(writer.escaped, parts)
    return writer.component.join((street, "", city, state, post)).rstrip(writer.component)
