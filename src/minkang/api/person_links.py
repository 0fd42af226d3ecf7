"""Whose Patients a Person links: told only as far as a caller's scope reaches them.

That another institution knows a resident may be what the resident keeps from the caller (a consent
that leaves the institution out, a Patient that is itself sensitive). A Person would tell it by
`link.target`, so a target that the scope does not reach is left out, of every version.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from minkang.api.access import of_people, unseen
from minkang.api.call import Call
from minkang.fhir import Resource, encode, local_reference
from minkang.fhir.search import Chain, Clause, Condition, ReferenceValue, Search
from minkang.policy import Decision
from minkang.store import Found, Scope, Store, Stored, read_several

_CHUNK: Final = 500
_BY_LINK: Final = frozenset({"link", "patient"})


async def with_links_in_reach(
    call: Call, decision: Decision, rows: Sequence[Stored]
) -> tuple[Stored, ...]:
    """The rows, of each Person with the links alone that a person who asks may know of.

    Systems see the links as they are: their rights hang on no resident.
    """
    if not of_people(call) or not any(one.type == "Person" for one in rows):
        return tuple(rows)
    seen = await reached(call.door.store, decision.scope, patients_in(rows))
    return tuple(_with_links(one, seen) if one.type == "Person" else one for one in rows)


def check_links(call: Call, search: Search, named: str | None) -> None:
    """Refuse people who would find a Person by a link that might not be told them.

    `named` is the Patient that the search is about, whom the caller may know of.

    Raises:
        Refusal: 403, whether there is such a link or not.
    """
    if not of_people(call):
        return
    for clause in _clauses(search.conditions):
        if clause.parameter.type == "Person" and clause.parameter.code in _BY_LINK:
            values = (one for one in clause.values if isinstance(one, ReferenceValue))
            if any(one.id != named for one in values):
                raise unseen()


def _clauses(conditions: Iterable[Condition]) -> Iterable[Clause]:
    for one in conditions:
        if isinstance(one, Clause):
            yield one
        elif isinstance(one, Chain):
            yield from _clauses(inner for _, inner in one.inner)
        else:
            yield from _clauses((one.inner,))


async def found_in_reach(call: Call, decision: Decision, found: Found) -> Found:
    """A page of a search, its Persons with the links that the caller may know of."""
    return msgspec.structs.replace(
        found,
        matches=await with_links_in_reach(call, decision, found.matches),
        included=await with_links_in_reach(call, decision, found.included),
    )


def patients_in(rows: Iterable[Stored]) -> frozenset[str]:
    """Ids of the Patients that Persons among some rows link."""
    persons = (one.resource for one in rows if one.type == "Person")
    return frozenset(patient for person in persons for patient in linked(person))


def linked(person: Resource) -> list[str]:
    """Ids of the Patients that a Person links, in order."""
    targets = (local_reference(one.get("target")) for one in person.get("link", []))
    return [target[1] for target in targets if target and target[0] == "Patient"]


def with_only(person: Resource, patients: frozenset[str]) -> Resource:
    """A Person whose links lead to these Patients alone; links to others than Patients stay."""
    kept = []
    for one in person.get("link", []):
        target = local_reference(one.get("target"))
        if target is None or target[0] != "Patient" or target[1] in patients:
            kept.append(one)
    made = {name: value for name, value in person.items() if name != "link"}
    return {**made, "link": kept} if kept else made


async def reached(store: Store, scope: Scope, patients: Iterable[str]) -> frozenset[str]:
    """Those of some Patients that a scope shows."""
    wanted, seen = sorted(set(patients)), set()
    for begin in range(0, len(wanted), _CHUNK):
        chunk = wanted[begin : begin + _CHUNK]
        async with store.readers.lent() as connection:
            seen |= {
                one.id for one in await read_several(store, connection, scope, "Patient", chunk)
            }
    return frozenset(seen)


def _with_links(stored: Stored, seen: frozenset[str]) -> Stored:
    person = stored.resource
    if seen.issuperset(linked(person)):
        return stored
    return msgspec.structs.replace(stored, body=encode(with_only(person, seen)))
