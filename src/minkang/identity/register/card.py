"""Looking somebody up in the register: by name, number or household, and one resident's card.

What is shown of somebody comes from the sealed Patient; the caller has asked the gate before.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import msgspec

from minkang.identity.find import find_residents
from minkang.identity.match import ID_CARD_SYSTEM
from minkang.identity.patients import patients_by_id
from minkang.identity.register.events import Told, events_of_patient
from minkang.identity.register.row import RegisterRow, row_of
from minkang.identity.register.stays import Stay
from minkang.store import Query, Scope, Store, Stored, search
from minkang.terminology.builtin import KINSHIP

_HOUSEHOLD: Final = re.compile(r"[0-9A-Za-z-]{4,40}")
_ID_NUMBER: Final = re.compile(r"\d{17}[\dXx]")


class Resident(msgspec.Struct, frozen=True):
    """A row with what its Patient says; `id_number` in clear: mask it before it is shown.

    `relation` to the head of the household as the register words it, empty if it does not say.
    """

    row: RegisterRow
    person: str
    name: str
    id_number: str
    address: str
    relation: str = ""


class Card(msgspec.Struct, frozen=True):
    """One resident of the register: now, where before, what happened, with whom."""

    resident: Resident
    stays: tuple[Stay, ...]
    events: tuple[Told, ...]
    household: tuple[Resident, ...]


async def find_rows(
    store: Store, text: str, *, division: str = "", limit: int = 50
) -> tuple[Resident, ...]:
    """Rows that fit what was typed: name, pinyin, ID number, health code, household number.

    With nothing typed the residents of a division; with neither nobody.
    """
    text = text.strip()[:40]
    patients: list[str] = []
    if text:
        if _HOUSEHOLD.fullmatch(text) and not _ID_NUMBER.fullmatch(text):
            patients = await _rows_where(store, "household = $1", text, limit)
        if not patients:
            found = await find_residents(store, Scope.whole(), text, limit)
            linked = sorted({one for each in found.residents for one in each.patients})
            patients = await _rows_where(store, "patient = any($1::text[])", linked, limit)
    elif division:
        patients = await _rows_where(store, "starts_with(living, $1)", division, limit)
    found_rows = await residents_of(store, patients)
    return tuple(one for one in found_rows if _lies_in(one.row, division))


async def residents_of(store: Store, patients: Sequence[str]) -> tuple[Resident, ...]:
    """The rows of some Patients, in their order; those that are none are left out."""
    stored = await patients_by_id(store, list(patients))
    async with store.readers.lent() as connection:
        links = await connection.fetch(
            "select patient, person from identity.link where patient = any($1::text[])",
            list(patients),
        )
    persons = {one["patient"]: one["person"] for one in links}
    relations = await _relations(store, list(stored))
    found = []
    for patient in patients:
        row = row_of(stored[patient].resource) if patient in stored else None
        if row is not None:
            about = stored[patient].resource
            found.append(
                _resident(row, persons.get(patient, ""), about, relations.get(patient, ""))
            )
    return tuple(found)


async def household_of(store: Store, household: str, limit: int = 60) -> tuple[Resident, ...]:
    """Everybody of a household, those who died or left last."""
    if not household:
        return ()
    patients = await _rows_where(store, "household = $1", household, limit)
    found = await residents_of(store, patients)
    return tuple(
        sorted(found, key=lambda one: (one.row.status != "living", one.row.birth or _LATE))
    )


async def card_of(store: Store, patient: str) -> Card | None:
    """The card of a row; None if the Patient is none, or not there."""
    found = await residents_of(store, [patient])
    if not found:
        return None
    async with store.readers.lent() as connection:
        rows = await connection.fetch(
            """select basis, begin, until, place from identity.register_stay
               where patient = $1 order by basis, begin""",
            patient,
        )
    return Card(
        found[0],
        tuple(Stay(*row) for row in rows),
        tuple(await events_of_patient(store, patient)),
        await household_of(store, found[0].row.household),
    )


_LATE: Final = date.max


async def _rows_where(store: Store, condition: str, value: Any, limit: int) -> list[str]:
    async with store.readers.lent() as connection:
        rows = await connection.fetch(
            f"""select patient from identity.register_row where {condition}
                order by living, household, patient limit $2""",  # noqa: S608 - ours
            value,
            limit,
        )
    return [row["patient"] for row in rows]


def _lies_in(row: RegisterRow, division: str) -> bool:
    return row.living.startswith(division) or row.registered.startswith(division)


def _resident(row: RegisterRow, person: str, patient: dict[str, Any], relation: str) -> Resident:
    return Resident(
        row,
        person,
        next((one.get("text", "") for one in patient.get("name", [])), ""),
        next(
            (
                one.get("value", "")
                for one in patient.get("identifier", [])
                if one.get("system") == ID_CARD_SYSTEM
            ),
            "",
        ),
        next((one.get("text", "") for one in patient.get("address", [])), ""),
        relation,
    )


async def _relations(store: Store, patients: Sequence[str]) -> dict[str, str]:
    """How each stands to the head of the household, as the register words it."""
    if not patients:
        return {}
    query = Query(types=("RelatedPerson",), patients=tuple(patients), limit=1000)
    found: dict[str, str] = {}
    for one in (await search(store, Scope.whole(), query)).matches:
        words = _relation(one)
        if words is not None:
            found[words[0]] = words[1]
    return found


def _relation(stored: Stored) -> tuple[str, str] | None:
    """Patient and relation of a RelatedPerson that the register made of a head of household."""
    resource = stored.resource
    about = resource.get("relationship", [])
    if not any(one.get("text") == "户主" for one in about):
        return None
    patient = str(resource.get("patient", {}).get("reference", "")).removeprefix("Patient/")
    codings = [coding for one in about for coding in one.get("coding", [])]
    display = next(
        (coding.get("display", "") for coding in codings if coding.get("system") == KINSHIP), ""
    )
    return patient, display or next((coding.get("code", "") for coding in codings), "")
