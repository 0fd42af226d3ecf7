"""Department, ward, room and bed as Locations, each within the next larger one.

Where an OID says which of them a number belongs to, it counts; some messages have none, there the
place in the message says it (WS/T 363: DE08.10.026.00 department, DE08.10.054.00 ward,
DE01.00.019.00 room, DE01.00.026.00 bed).
"""

from typing import Any, Final

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda import identifiers as ids
from minkang.exchange.mappings.wst.case import Case
from minkang.exchange.mappings.wst.fields import name_of, numbers_of, time_of
from minkang.exchange.mappings.wst.people import department

_LEVELS: Final = ("department", "ward", "room", "bed")
_BY_OID: Final = {ids.DEPARTMENT: "department", ids.WARD: "ward", ids.ROOM: "room", ids.BED: "bed"}
_TYPES: Final = {"ward": ("wa", "病区"), "room": ("ro", "病房"), "bed": ("bd", "病床")}
_PHYSICAL: Final = "http://terminology.hl7.org/CodeSystem/location-physical-type"

Named = tuple[str, str]
"""Number and name of a place, either may be empty."""


def places(case: Case, location: Element | None) -> dict[str, Named]:
    """Level to number and name, of a `location` of an encounter however it nests them."""
    found: dict[str, Named] = {}
    if location is None:
        return found
    delivery = location.first("serviceDeliveryLocation") or location.first("locatedEntity")
    for level, node in _chain(delivery) if delivery is not None else ():
        for oid, number in (numbers_of(node.first("id")) or {"": ""}).items():
            name = name_of(node.first("name"))
            if number or name:
                found.setdefault(_BY_OID.get(oid, level), (number, name))
    return found


def _chain(delivery: Element) -> list[tuple[str, Element]]:
    """The places of an encounter with the level that their position gives them."""
    location = delivery.first("location")
    if location is None:
        return []
    if delivery.first("serviceProviderOrganization", "asOrganizationPartOf") is not None:
        # Orders and applications: bed in room, department in ward.
        levels = (
            ("bed", location),
            ("room", location.first("asLocatedEntityPartOf", "location")),
            ("department", delivery.first("serviceProviderOrganization")),
            (
                "ward",
                delivery.first(
                    "serviceProviderOrganization", "asOrganizationPartOf", "wholeOrganization"
                ),
            ),
        )
        return [(level, node) for level, node in levels if node is not None]
    chain = []
    node: Element | None = location
    for level in _LEVELS:
        if node is not None:
            chain.append((level, node))
            node = node.first("locatedEntityHasParts", "locatedPlace")
    return chain


def bedside(case: Case, found: dict[str, Named]) -> dict[str, Any] | None:
    """The smallest place as a reference, with Locations for all; None if none is known."""
    outer: dict[str, str] | None = None
    said: list[str] = []
    path: list[str] = []
    for level in ("ward", "room", "bed"):
        number, name = found.get(level, ("", ""))
        if not (number or name):
            continue
        said.append(name or number)
        # A bed of one number is in every room, a room of one number in many wards.
        path.append(number or name)
        draft = case.draft("Location", "/".join((level, *path)))
        if number:
            draft.suppose("identifier", [case.own(level, number)])
        draft.suppose("name", name or number)
        code, display = _TYPES[level]
        coding = {"system": _PHYSICAL, "code": code, "display": display}
        draft.suppose("physicalType", {"coding": [coding]})
        draft.suppose("managingOrganization", case.context.institution())
        if outer is not None:
            draft.suppose("partOf", outer)
        outer = draft.reference
    return {**outer, "display": " ".join(said)} if outer else None


def department_of(case: Case, found: dict[str, Named], location: Element) -> dict[str, str] | None:
    """The department among the places of a location, as a reference."""
    number, name = found.get("department", ("", ""))
    if not (number or name):
        return None
    for node in location.walk():
        if number and number in numbers_of(node.first("id")).values():
            return department(case, node)
    return {"display": name}


def stay(case: Case, location: Element | None, status: str = "") -> dict[str, Any] | None:
    """Where somebody is or was, as Encounter.location; None if no place is named."""
    if location is None:
        return None
    where = bedside(case, places(case, location))
    if where is None:
        return None
    found: dict[str, Any] = {"location": where}
    if status:
        found["status"] = status
    time = time_of(case.reader, location.first("time"))
    if time:
        found["period"] = {"end" if status == "completed" else "start": time}
    return found
