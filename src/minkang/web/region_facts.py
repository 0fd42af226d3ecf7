"""What a page of the region is made of: read once, exact, for the page and for its exports."""

from datetime import date, datetime

import msgspec

from minkang.fhir import TYPE_CODES
from minkang.fhir.dates import LOCAL
from minkang.identity.register.divisions import above, digits_below, division_names
from minkang.record.region import parts
from minkang.record.region.attention import (
    Attention,
    of_institutions,
    of_sources,
    open_alarms,
    unproven,
)
from minkang.record.region.figures import (
    Files,
    InstitutionLine,
    Labelled,
    Pair,
    People,
    departments,
    diagnoses,
    files_below,
    institution,
    institutions_below,
    institutions_in,
    people_below,
    place_of,
    resources_of,
    visits_by_class,
    visits_by_day,
)
from minkang.record.region.parts import Part
from minkang.record.region.shapes import Shape, shapes_below
from minkang.record.region.sources import Came, Sent, messages_by_day, sent_by
from minkang.store import Connection, Store

COUNTIES = 6
"""Digits of the divisions that the whole region is shown by."""

_DOCUMENT = TYPE_CODES["DocumentReference"]


class Below(msgspec.Struct, frozen=True):
    """A division directly below; `code` that of the one shown: what lies in none of them."""

    code: str
    name: str
    people: People
    files: Files
    institutions: int
    connected: int
    visits: Pair


class Care(msgspec.Struct, frozen=True):
    """Visits of a place over the period, in several ways."""

    visits: Pair
    classes: list[Labelled]
    departments: list[Labelled]
    diagnoses: list[Labelled]
    days: list[tuple[date, Pair]]


class DivisionFacts(msgspec.Struct, frozen=True):
    """A division, or the whole region ('').

    Attributes:
        names: what the divisions that the page names are called, by code.
        resources: current resources by number of type, of the senders in the division.
    """

    division: str
    days: int
    today: date
    names: dict[str, str]
    below: list[Below]
    people: People
    files: Files
    institutions: list[InstitutionLine]
    care: Care
    sent: Sent
    messages: list[tuple[date, Came]]
    resources: dict[int, int]
    attention: list[Attention]
    shapes: dict[str, Shape]
    made: dict[str, Part]

    @property
    def documents(self) -> int:
        """Documents among the resources."""
        return self.resources.get(_DOCUMENT, 0)


class InstitutionFacts(msgspec.Struct, frozen=True):
    """An institution."""

    line: InstitutionLine
    days: int
    today: date
    names: dict[str, str]
    parent: InstitutionLine | None
    below: list[InstitutionLine]
    care: Care
    sent: Sent
    messages: list[tuple[date, Came]]
    resources: dict[int, int]
    attention: list[Attention]
    made: dict[str, Part]

    @property
    def documents(self) -> int:
        """Documents among the resources."""
        return self.resources.get(_DOCUMENT, 0)


async def division_facts(store: Store, division: str, days: int, now: datetime) -> DivisionFacts:
    """Everything of a division over so many last days."""
    digits = digits_below(division) if division else COUNTIES
    async with store.readers.lent() as connection:
        made = await parts(connection)
        today = _today(made, now)
        found = await institutions_in(connection, division, days)
        people = await people_below(connection, division, digits)
        files = await files_below(connection, division, digits)
        filed = await files_below(connection, division, len(division))
        sent = await sent_by(connection, division, days, today)
        care = await _care(connection, division, days, today)
        messages = await messages_by_day(connection, division, days, today)
        senders = None if not division else [one.organisation for one in sent.sources]
        resources = await resources_of(connection, senders)
        attention = await _attention(connection, found, sent, days, today)
    shapes = await shapes_below(store, division, digits) if len(division) < digits else {}
    codes = sorted({*people, *files, *shapes, *(one.division[:digits] for one in found)})
    names = await division_names(store, [*above(division), *codes, division])
    names |= {code: one.name for code, one in shapes.items() if names.get(code, code) == code}
    below = [_below(code, names, people, files, found, digits) for code in codes]
    whole = People()
    for one in people.values():
        whole += one
    inside = any(len(code) > len(division) for code in codes)
    return DivisionFacts(
        division, days, today, names, below if inside else [], whole,
        filed.get(division, Files()), found, care, sent, messages, resources, attention, shapes,
        made,
    )  # fmt: skip


async def institution_facts(
    store: Store, code: str, days: int, now: datetime
) -> InstitutionFacts | None:
    """Everything of an institution over so many last days; None if there is none such."""
    async with store.readers.lent() as connection:
        made = await parts(connection)
        today = _today(made, now)
        line = await institution(connection, code, days)
        if line is None:
            return None
        parent = await institution(connection, line.parent, days) if line.parent else None
        below = await institutions_below(connection, code, days)
        sent = await sent_by(connection, "", days, today, code)
        care = await _care(connection, place_of(institution=code), days, today)
        messages = await messages_by_day(connection, "", days, today, code)
        resources = await resources_of(connection, [code])
        attention = await _attention(connection, [line], sent, days, today)
    names = await division_names(store, above(line.division))
    return InstitutionFacts(
        line, days, today, names, parent, below, care, sent, messages, resources, attention, made
    )


async def _care(connection: Connection, place: str, days: int, today: date) -> Care:
    classes = await visits_by_class(connection, place, days)
    total = Pair()
    for one in classes:
        total += one.visits
    return Care(
        total,
        classes,
        await departments(connection, place, days),
        await diagnoses(connection, place, days),
        await visits_by_day(connection, place, days, today),
    )


async def _attention(
    connection: Connection, found: list[InstitutionLine], sent: Sent, days: int, today: date
) -> list[Attention]:
    return [
        *await open_alarms(connection, sent.sources),
        *of_institutions(found),
        *of_sources(sent.sources),
        *await unproven(connection, sent.sources, days, today),
    ]


def _below(
    code: str,
    names: dict[str, str],
    people: dict[str, People],
    files: dict[str, Files],
    found: list[InstitutionLine],
    digits: int,
) -> Below:
    here = [one for one in found if one.division[:digits] == code]
    visits = Pair()
    for one in here:
        visits += one.visits
    return Below(
        code,
        names.get(code, ""),
        people.get(code, People()),
        files.get(code, Files()),
        sum(one.medical for one in here),
        sum(one.medical and one.connected for one in here),
        visits,
    )


def _today(made: dict[str, Part], now: datetime) -> date:
    """The day up to which periods were summed up last."""
    known = made.get("periods")
    return (known.as_of if known is not None else now).astimezone(LOCAL).date()
