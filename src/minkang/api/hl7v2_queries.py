"""HL7 v2 queries for residents, answered on the connection that they come on.

| Query | Answer |
|---|---|
| QBP^Q23 Get Corresponding Identifiers (IHE PIX, ITI-9) | RSP^K23: the other numbers |
| QBP^Q22 Find Candidates (IHE PDQ, ITI-21) | RSP^K22: who has all that is asked for |
| QBP^Q21 Get Person Demographics | RSP^K21: who has a number |

A source acts for its institution: the gate decides as for a system at the FHIR base, and what was
asked and whom the answer names stands in the audit log before it goes out. A source finds whom its
own institution registered, and learns of them the numbers at others (`cross_reference`).
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from minkang.api.cross_reference import Known, Scopes, is_domain, known_by, known_of
from minkang.api.hl7v2_candidates import candidates
from minkang.api.hl7v2_domains import given_of, number_asked, system_of
from minkang.api.hl7v2_person import person_of
from minkang.api.source_account import account_of
from minkang.exchange import Source
from minkang.exchange.hl7v2 import Message, Segment, acknowledge, parse
from minkang.exchange.hl7v2.query import CANCEL, Asked, read_query
from minkang.exchange.hl7v2.respond import Found, Person, refuse, respond
from minkang.fhir import Problem, Refused
from minkang.policy import Gate
from minkang.store import Stored


class Hl7Queries(msgspec.Struct, frozen=True):
    """Answers queries; one a process."""

    gate: Gate

    async def answer(self, source: Source, raw: bytes, address: str) -> bytes:
        """The answer to a message that is a query.

        Raises:
            Refused: it can't even be parsed.
            AuditUnavailable, and what the database raises: there is no answer now.
        """
        message, now = parse(raw, source.charset), datetime.now(UTC)
        msh = message.header
        if message.kind == CANCEL:
            # Nothing is held for a continuation, so there is nothing to give up.
            return acknowledge(msh, "AA", (), now, msh.charset)
        event = message.kind.partition("^")[2]
        try:
            asked = read_query(message)
            scopes = await self._scopes(source, asked, address, now)
            found, persons = await self._found(source, asked, scopes)
        except Refused as refused:
            return refuse(msh, event, _said(message), refused.problems, now)
        if persons:
            await self.gate.listed(account_of(source), persons, now=now, address=address)
        qpd = message.first("QPD")
        assert qpd is not None  # noqa: S101 - a query without one was refused
        return respond(msh, asked, qpd, found, now)

    async def _scopes(self, source: Source, asked: Asked, address: str, now: datetime) -> Scopes:
        """What the source's institution may see; names of what was asked are written down.

        Raises:
            Refused: nothing at all.
        """
        names = "&".join(asked.fields) if asked.event == "Q22" else "QPD-3"
        account, what = account_of(source), f"QBP^{asked.event}?{names}"[:200]
        scopes = []
        for action in ("read-api", "cross-reference"):
            decision = await self.gate.ask(
                account, action, now=now, object_type="Patient", object_id=what, address=address
            )  # fmt: skip
            if not decision.allowed:
                raise Refused([Problem("map", "MSH-3", "forbidden", "无权查询")])
            scopes.append(decision.scope)
        return Scopes(*scopes)

    async def _found(
        self, source: Source, asked: Asked, scopes: Scopes
    ) -> tuple[Found, Sequence[str]]:
        """What is answered, and the Persons that it names.

        Raises:
            Refused: a number or an authority is known to nobody.
        """
        wanted = await self._domains(asked)
        if asked.event == "Q22":
            page = await candidates(self.gate.store, scopes.own, source, asked)
            known: list[tuple[Known, Stored | None, float | None]] = []
            for patient, confidence in page.found:
                known += [
                    (one, patient, confidence)
                    for one in await known_of(self.gate.store, scopes, [patient.id])
                ]
            following = page.next
        else:
            known = [(one, None, None) for one in await self._by_number(source, asked, scopes)]
            following = ""
        named = {one.person for one, _, _ in known if one.person}
        made = [
            _person(source, asked, one, patient, confidence, wanted)
            for one, patient, confidence in known
        ]
        return Found(tuple(one for one in made if one.numbers), following), sorted(named)

    async def _by_number(self, source: Source, asked: Asked, scopes: Scopes) -> list[Known]:
        """Who has the number of Q21 or Q23.

        Raises:
            Refused: rule `unknown-key`, at the number or at its authority (ITI TF-2, 3.9.4.2.2.6).
        """
        number = asked.number
        assert number is not None  # noqa: S101 - `read_query` has seen to it
        system, value = number_asked(source, number)
        if not await is_domain(self.gate.store, system):
            raise _unknown(f"{number.place}[1].4", "没有这个编号机构")
        found = await known_by(self.gate.store, scopes, system, value)
        if not found:
            raise _unknown(f"{number.place}[1].1", "没有这个患者编号")
        if len(found) > 1:
            text = "这个编号属于多位居民，不能对照"
            raise Refused([Problem("map", f"{number.place}[1].1", "ambiguous", text)])
        return found

    async def _domains(self, asked: Asked) -> frozenset[str]:
        """The systems whose numbers are wanted; none is all.

        Raises:
            Refused: rule `unknown-key`: nobody gives out numbers of an authority.
        """
        systems = {system_of(authority): place for authority, place in asked.domains}
        unknown = [
            Problem("map", place, "unknown-key", "没有这个编号机构")
            for system, place in systems.items()
            if not await is_domain(self.gate.store, system)
        ]
        if unknown:
            raise Refused(unknown)
        return frozenset(systems)


def _person(
    source: Source,
    asked: Asked,
    known: Known,
    patient: Stored | None,
    confidence: float | None,
    wanted: frozenset[str],
) -> Person:
    """A resident as the query wants it: the numbers alone, or who they are as well."""
    without = number_asked(source, asked.number) if asked.number else None
    numbers = tuple(
        given_of(one)
        for one in known.numbers
        if not wanted or one["system"] in wanted
        if asked.event != "Q23" or (one["system"], one["value"]) != without
    )
    if asked.event == "Q23":
        return Person(numbers=numbers)
    return person_of((patient or known.own[0]).resource, numbers, confidence)


def _said(message: Message) -> tuple[str, str, Segment | None]:
    """Tag, name and QPD of a query, as far as it has them."""
    qpd = message.first("QPD")
    return (qpd.value(2), qpd.raw(1), qpd) if qpd is not None else ("", "", None)


def _unknown(place: str, text: str) -> Refused:
    return Refused([Problem("map", place, "unknown-key", text)])
