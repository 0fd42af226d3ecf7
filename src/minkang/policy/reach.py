"""Whether what a decision opens reaches anything at all."""

from typing import Final

import msgspec

from minkang.fhir.definitions import definitions
from minkang.fhir.search_syntax import parse_search
from minkang.store import Grant, Scope, Store, find

_ONE: Final = [("_count", "1")]


async def reaches(store: Store, scope: Scope, patients: frozenset[str]) -> bool:
    """Whether anything about these Patients is seen in a scope.

    One that opens a Patient whole reaches it without looking; else one resource is looked for. The
    Person that links a Patient is not its institution's and does not count.
    """
    grants = scope.grants
    if any(one == Grant(grade=one.grade, patients=one.patients) for one in grants):
        return True
    narrow = [
        msgspec.structs.replace(one, patients=patients & (one.patients or patients))
        for one in grants
        if one.patients is None or patients & one.patients
    ]
    kinds = ("Patient", *(one for one in definitions().patient_compartment if one != "Person"))
    asked = parse_search(tuple(dict.fromkeys(kinds)), _ONE)
    return bool((await find(store, Scope(tuple(narrow)), asked)).matches)
