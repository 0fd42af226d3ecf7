"""What is asked at the doors of the FHIR base, and which rows each question is about.

Joins and counts are told by plain loops over the rows of the world.
"""

from collections.abc import Callable, Iterable

import msgspec

from tests.api.policy_world import Resident, Row, World

KINDS = (
    "Patient",
    "Encounter",
    "Observation",
    "Condition",
    "AllergyIntolerance",
    "DocumentReference",
    "ServiceRequest",
    "Contract",
    "Consent",
    "Person",
)
Key = tuple[str, str]
Sees = Callable[[Row], bool]


class Asked(msgspec.Struct, frozen=True):
    """One question at a door.

    Attributes:
        picks: the rows that the question is about, of those that the caller sees.
        counts: the answer is a number.
    """

    path: str
    picks: Callable[[Row], bool]
    counts: bool = False
    post: str = ""


class Place(msgspec.Struct, frozen=True):
    """Whom and which institution a question is about."""

    world: World
    resident: Resident
    source: str
    sees: Sees

    @property
    def patient(self) -> str:
        """The Patient of the institution."""
        return self.resident.patient(self.source)

    def here(self, row: Row, *kinds: str) -> bool:
        """Whether a row lies in the compartment of the Patient, and is of one of these types."""
        return self.patient in row.about and (not kinds or row.type in kinds)

    def sees_one(self, kind: str, name: str) -> bool:
        """Whether the caller sees the row of this institution with this name."""
        wanted = f"{name}-{self.resident.key}-{self.source}"
        return any(self.sees(r) for r in self.world.rows if (r.type, r.id) == (kind, wanted))


def only(row: Row) -> Sees:
    """This row and no other."""
    return lambda given: given == row


def of_kind(place: Place, kind: str, names: Iterable[str] = ()) -> Sees:
    """The rows of a type in the Patient's compartment, or those of them with these names."""
    wanted = tuple(names)
    return lambda row: place.here(row, kind) and (not wanted or row.id.split("-")[0] in wanted)


def nothing(row: Row) -> bool:
    """No row at all."""
    return False


def single(place: Place, tail: str = "", every: int = 1) -> Iterable[Asked]:
    """One question for each row, or every second one, in the Patient's compartment."""
    rows = place.world.of(place.resident.key)
    about = [row for row in rows if place.patient in row.about or row.type == "Contract"]
    for row in about[::every]:
        yield Asked(f"{row.type}/{row.id}{tail}", only(row))


def by_patient(place: Place, *kinds: str, more: str = "") -> Iterable[Asked]:
    """A search of each type."""
    for kind in kinds:
        by = "_id" if kind == "Patient" else "patient"
        yield Asked(f"{kind}?{by}={place.patient}{more}", of_kind(place, kind))


def chained(place: Place) -> Iterable[Asked]:
    """Through the visit: only what names a visit that is seen as well."""
    with_visit = place.sees_one("Encounter", "enc")
    for kind, names in (
        ("Observation", ("lab", "hiv", "closed")),
        ("Condition", ("plain", "mental", "reproductive", "genetic")),
    ):
        path = f"{kind}?patient={place.patient}&encounter.status=finished"
        yield Asked(path, of_kind(place, kind, names) if with_visit else nothing)


def reverse(place: Place) -> Iterable[Asked]:
    """Who has a row of a code: told only if the row is seen."""
    for kind, name, code in (
        ("Condition", "mental", "F32.9"),
        ("Condition", "measles", "B05.9"),
        ("Observation", "hiv", "56888-1"),
        ("Observation", "lab", "14749-6"),
    ):
        path = f"Patient?_id={place.patient}&_has:{kind}:patient:code={code}"
        has = place.sees_one(kind, name)
        yield Asked(path, of_kind(place, "Patient") if has else nothing)


def brought(place: Place) -> Iterable[Asked]:
    """What matches bring along."""

    def with_labs(row: Row) -> bool:
        named = row.type == "Encounter" and row.id.startswith("enc-")
        labs = any(place.here(r, "Observation") and place.sees(r) for r in place.world.rows)
        return place.here(row, "Observation") or (
            labs and ((named and place.here(row)) or place.here(row, "Patient"))
        )

    yield Asked(
        f"Observation?patient={place.patient}&_include=Observation:encounter"
        "&_include=Observation:subject",
        with_labs,
    )
    seen = any(place.here(r, "Patient") and place.sees(r) for r in place.world.rows)
    yield Asked(
        f"Patient?_id={place.patient}&_revinclude=Condition:patient&_revinclude=Consent:patient"
        "&_revinclude=Observation:patient&_revinclude=AllergyIntolerance:patient",
        lambda r: (
            seen
            and place.here(
                r, "Patient", "Condition", "Observation", "Consent", "AllergyIntolerance"
            )
        ),
    )


def counted(place: Place) -> Iterable[Asked]:
    """How many there are."""
    for kind in ("Observation", "Condition", "Patient"):
        by = "_id" if kind == "Patient" else "patient"
        for more in ("_summary=count", "_total=accurate&_count=1"):
            path = f"{kind}?{by}={place.patient}&{more}"
            yield Asked(path, of_kind(place, kind), counts=True)


def in_compartment(place: Place) -> Iterable[Asked]:
    # A Patient of which nothing is seen is like none: that it is linked to a Person is not told.
    seen = any(
        place.here(r) and r.type != "Person" and place.sees(r)
        for r in place.world.of(place.resident.key)
    )
    yield Asked(
        f"Patient/{place.patient}/*?_count=500",
        lambda r: place.here(r) and (seen or r.type != "Person"),
    )
    yield Asked(f"Patient/{place.patient}/Condition", lambda r: place.here(r, "Condition"))
    yield Asked(
        f"Patient/{place.patient}/Observation?_sort=-date&_count=1",
        lambda r: place.here(r, "Observation"),
    )


def whole(place: Place) -> Iterable[Asked]:
    seen = any(place.here(r, "Patient") and place.sees(r) for r in place.world.rows)
    yield Asked(f"Patient/{place.patient}/$everything?_count=3", lambda r: seen and place.here(r))


def posted(place: Place) -> Iterable[Asked]:
    yield Asked(
        "Condition/_search",
        lambda r: place.here(r, "Condition"),
        post=f"patient={place.patient}&_count=2",
    )


ABOUT_ONE: dict[str, Callable[[Place], Iterable[Asked]]] = {
    "read": single,
    "history of one": lambda place: single(place, "/_history", 2),
    "vread": lambda place: single(place, "/_history/1", 2),
    "search": lambda place: by_patient(place, "Patient", "Encounter", "Observation", "Condition"),
    "search by sensitive code": lambda place: [
        Asked(
            f"Condition?patient={place.patient}&code=F32.9,N97.9",
            lambda r: place.here(r, "Condition") and r.topic in ("mental", "reproductive"),
        ),
    ],
    "sorted, in pages": lambda place: by_patient(
        place, "Observation", "Condition", more="&_sort=-_lastUpdated&_count=2"
    ),
    "chain": chained,
    "_has": reverse,
    "include": brought,
    "count": counted,
    "compartment": in_compartment,
    "$everything": whole,
    "search by POST": posted,
}
"""Doors at which a resident is named: exactly what the oracle shows comes out."""


def all_of(*kinds: str) -> Sees:
    return lambda row: row.type in kinds


ABOUT_NOBODY: dict[str, tuple[Asked, ...]] = {
    "search": tuple(Asked(f"{kind}?_count=900", all_of(kind)) for kind in KINDS),
    "several types": (
        Asked(f"?_type={','.join(KINDS)}&_count=900", all_of(*KINDS)),
        Asked(
            "?_type=Condition,Observation&_sort=-_lastUpdated&_count=900",
            all_of("Condition", "Observation"),
        ),
    ),
    "count": tuple(
        Asked(f"{kind}?{more}", all_of(kind), counts=True)
        for kind in ("Patient", "Encounter", "Observation", "Condition")
        for more in ("_summary=count", "_total=accurate&_count=1")
    ),
    "chain": (
        Asked("Observation?subject:Patient.gender=female", all_of("Observation")),
        Asked("Observation?encounter.status=finished", all_of("Observation")),
        Asked("Encounter?subject:Patient.name=赵慧珍", all_of("Encounter")),
    ),
    "_has": (
        Asked("Patient?_has:Condition:patient:code=F32.9", all_of("Patient")),
        Asked("Encounter?_has:Observation:encounter:code=56888-1", all_of("Encounter")),
    ),
    "include": (
        Asked(
            "Encounter?_include=Encounter:subject&_revinclude=Observation:encounter"
            "&_revinclude=Condition:encounter&_count=900",
            lambda r: True,
        ),
        Asked("Condition?_include=*&_count=900", lambda r: True),
    ),
    "two at once": (
        Asked("Observation?patient=pat-zhao-MK1,pat-qian-MK1", all_of("Observation")),
        Asked("Patient?_id=pat-zhao-MK1,pat-wang-MK2", all_of("Patient")),
    ),
    "history of a type": tuple(
        Asked(f"{kind}/_history?_count=900", all_of(kind)) for kind in KINDS
    ),
    "history of all": (Asked("_history?_count=900", lambda r: True),),
    "search by POST": (Asked("Condition/_search", all_of("Condition"), post="_count=900"),),
}
"""Doors at which nobody is named: nothing comes out that the oracle does not show."""
