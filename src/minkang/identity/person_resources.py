"""The Person resources (FHIR R4 Person): one for each Person that has Patients, made from them."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from minkang.fhir import TYPE_CODES, Resource, reference
from minkang.identity.health_code import CODE_SYSTEM
from minkang.identity.linkage.names import is_nobody, newborn_of, normalise_name
from minkang.identity.match import ID_CARD_SYSTEM
from minkang.store import Change, Connection, Store, Stored, write
from minkang.store.stored import COLUMNS, stored_rows


async def write_persons(store: Store, connection: Connection, persons: Sequence[str]) -> None:
    """Write the Person resources anew from their links; one without links is deleted.

    One that says the same as before gets no new version.
    """
    if not persons:
        return
    rows = await connection.fetch(
        f"""select k.person, k.code, k.patient, {COLUMNS}
            from (select p.id as person, p.code, l.patient
                  from identity.person p left join identity.link l on l.person = p.id
                  where p.id = any($1::text[])) k
            left join store.resource r on r.type = $2 and r.id = k.patient and not r.deleted
            order by k.person, k.patient""",  # noqa: S608 - columns
        list(persons),
        TYPE_CODES["Patient"],
    )
    there = await stored_rows(
        connection, store.codec, [row for row in rows if row["id"] is not None]
    )
    present = {one.id: one for one in there}
    changes = []
    for (person, code), linked in groupby(rows, key=lambda row: (row["person"], row["code"])):
        patients = [row["patient"] for row in linked if row["patient"] is not None]
        resource = _person(person, code, patients, present)
        changes.append(Change(resource, "", deleted=not patients))
    await write(store, connection, changes)


def _person(
    person_id: str, code: str, linked: Sequence[str], present: Mapping[str, Stored]
) -> Resource:
    """The Person of some Patients: of each element the latest Patient that has it.

    One who was registered before anybody knew the name (无名氏, X之子) has the last word.
    """
    patients = [present[one] for one in linked if one in present]
    ordered = sorted(patients, key=lambda one: (one.updated, one.id), reverse=True)
    newest = sorted((one.resource for one in ordered), key=_is_nameless)
    person: Resource = {"resourceType": "Person", "id": person_id}
    for element in ("name", "gender", "birthDate", "telecom", "address"):
        value = next((patient[element] for patient in newest if element in patient), None)
        if value is not None:
            person[element] = value
    numbers = {
        identifier["value"]
        for patient in newest
        for identifier in patient.get("identifier", [])
        if identifier.get("system") == ID_CARD_SYSTEM and identifier.get("value")
    }
    person["identifier"] = [
        {"system": CODE_SYSTEM, "value": code},
        *({"system": ID_CARD_SYSTEM, "value": number} for number in sorted(numbers)),
    ]
    if "address" in person:
        # R4 Person.address repeats, like Patient's; the first is the one in use.
        person["address"] = person["address"][:1]
    person["link"] = [{"target": reference("Patient", patient)} for patient in linked]
    return person


def _is_nameless(patient: Resource) -> bool:
    names = [name.get("text") for name in patient.get("name", ())]
    name = normalise_name(next((one for one in names if one), ""))
    return is_nobody(name) or newborn_of(name) is not None
