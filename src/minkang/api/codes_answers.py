"""What a scanner is told: the person, what was activated, and what the caller may see."""

from datetime import datetime
from typing import Any, Final

import msgspec

from minkang.accounts import Account
from minkang.identity import Resident
from minkang.identity.codes.scan import Scanned
from minkang.policy import Gate
from minkang.policy.mask import masked_name
from minkang.store import Query, search

_MOST: Final = 200


class Sees(msgspec.Struct, frozen=True):
    """What the caller may see of the resident at the FHIR base, by the gate.

    Attributes:
        reason: what allows it, or why it is refused.
        patients: ids of the resident's Patients that are seen, sorted.
    """

    allowed: bool
    reason: str
    patients: tuple[str, ...] = ()


async def sees(
    gate: Gate, account: Account, found: Scanned, *, now: datetime, address: str
) -> Sees:
    """Ask the gate, as the FHIR base will; and list the Patients that it opens.

    Raises:
        AuditUnavailable: nothing may be answered.
    """
    known = found.resident
    assert known is not None  # noqa: S101 - of a refusal nothing is asked
    decision = await gate.ask(
        account,
        "read-api",
        now=now,
        person=known.person,
        patients=known.patients,
        birth_date=known.birth_date,
        named=True,
        object_type="Patient",
        address=address,
    )
    if not decision.allowed:
        return Sees(allowed=False, reason=decision.reason)
    asked = Query(types=("Patient",), patients=tuple(sorted(known.patients)), limit=_MOST)
    page = await search(gate.store, decision.scope, asked)
    return Sees(True, decision.reason, tuple(sorted(one.id for one in page.matches)))


def scan_answer(found: Scanned, seen: Sees, now: datetime) -> dict[str, Any]:
    """The answer of a scan. Who did not come in person, and is not theirs to see, stays masked."""
    known = found.resident
    assert known is not None  # noqa: S101 - of a refusal there is no such answer
    plain = found.present or bool(seen.patients)
    return {
        "form": found.form,
        "person": known.person,
        **(_plain(known) if plain else _masked(known)),
        "present": found.present,
        "consent": found.consent,
        "activated": found.activated,
        "visit": None
        if found.visit is None
        else {"code": found.visit.text, "until": found.visit.until.isoformat()},
        "sees": {
            "allowed": seen.allowed,
            "reason": seen.reason,
            "patients": [f"Patient/{one}" for one in seen.patients],
        },
        "at": now.isoformat(),
    }


def _plain(known: Resident) -> dict[str, Any]:
    return {"name": known.name, "sex": known.sex, "birth_date": known.birth_date, "masked": False}


def _masked(known: Resident) -> dict[str, Any]:
    return {
        "name": masked_name(known.name),
        "sex": known.sex,
        "birth_date": known.birth_date[:4],
        "masked": True,
    }
