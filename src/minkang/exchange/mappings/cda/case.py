"""What all parts of one document's mapping share."""

from datetime import datetime
from typing import Any

import msgspec

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda.body import Body
from minkang.exchange.mappings.cda.fields import Reader, begin_of
from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.draft import Draft
from minkang.exchange.merge import Contribution, Order
from minkang.fhir import Resource

INSTITUTIONS = "urn:oid:2.16.156.10011.1.5"
"""Codes of institutions (unified social credit code, 18 characters)."""


class Signer(msgspec.Struct, frozen=True):
    """Somebody who signed.

    Attributes:
        role: as which, 手术者; empty if not said.
        who: reference to the person, or their name alone.
        time: when, as FHIR time.
        title: professional title (WS 364.14 CV08.30.005), if given.
        organization: where they belong, if given.
    """

    role: str
    who: dict[str, str]
    time: str | None
    title: dict[str, Any] | None = None
    organization: str = ""


class Case:
    """One document on its way: who and which visit it is about, and what it has given so far.

    Attributes:
        kind: code of the document, `C0007`.
        at: when it was made; the period of recycled numbers goes by it.
        key: what its facts are numbered under: the number of the report or prescription, else the
            set or the document itself; a corrected document of the same key gives the same facts.
        key_of_document: the number of the document itself.
        patient_key: what the patient is numbered by.
        patient: whom it is about.
        visit: the visit, if it names one.
        counts: how many facts of a type and name there are so far.
        signers: whoever signed, who answers for it first.
        age: the patient's age as an Observation, if the document gives it.
        performed: when what it reports took place, as far as the document as a whole says.
    """

    def __init__(self, context: Context, reader: Reader, root: Element, kind: str) -> None:
        self.context = context
        self.reader = reader
        self.root = root
        self.kind = kind
        self.body = Body(root)
        made = begin_of(reader.time(root.first("effectiveTime")))
        self.at: datetime = made or context.received
        self.order: Order = context.order(made)
        self.key = ""
        self.key_of_document = ""
        self.patient_key = ""
        self.patient = Draft(context, "Patient", "")
        self.visit: Draft | None = None
        self.performed: str | None = None
        self.counts: dict[tuple[str, str], int] = {}
        self.signers: list[Signer] = []
        self.age: Draft | None = None
        self._drafts: dict[tuple[str, str], Draft] = {}

    def draft(self, resource_type: str, number: str, at: datetime | None = None) -> Draft:
        """The resource of a number; asked for again it is the same one."""
        found = (resource_type, self.context.id(resource_type, number, at or self.at))
        if found not in self._drafts:
            self._drafts[found] = Draft(self.context, *found)
        return self._drafts[found]

    def fact(self, resource_type: str, number: str) -> Draft:
        """A resource about the patient, in the visit, of this document's facts."""
        draft = self.draft(resource_type, f"{self.key}/{number}")
        draft.put("subject", self.patient.reference)
        draft.put("encounter", self.visit.reference if self.visit else None)
        return draft

    def own(self, kind: str, number: str) -> dict[str, Any]:
        """An identifier of the source's own."""
        return {"system": self.context.number_system(kind), "value": number}

    def organization(self, code: str, name: str) -> dict[str, str] | None:
        """An institution; with a code (WS/T 500: 18 characters) it becomes a resource."""
        if not code:
            return {"display": name} if name else None
        draft = self.draft("Organization", code)
        draft.put("identifier", [{"system": INSTITUTIONS, "value": code}])
        draft.put("name", name)
        return {**draft.reference, "display": name} if name else draft.reference

    def resources(self) -> list[Resource]:
        """What the document has given so far, in that order."""
        return [draft.resource for draft in self._drafts.values()]

    def contributions(self) -> list[Contribution]:
        """What the document contributes in the end."""
        return [one for draft in self._drafts.values() for one in draft.contributions(self.order)]
