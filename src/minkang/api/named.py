"""Whom an answer named stands in the audit log before it goes out: each of them can find it.

A question about one resident names that one already. The others (a system's, and people's that
name nobody) are followed by an entry with the residents that came out.
"""

import re
from collections.abc import Iterable
from typing import Final

from minkang.api.call import Call
from minkang.policy import Decision
from minkang.store import Grade, Stored

_PATIENT: Final = re.compile(rb'"(?:[^"\s]{1,300}/)?Patient/([A-Za-z0-9.-]{1,64})')


async def note_named(call: Call, decision: Decision, rows: Iterable[Stored]) -> None:
    """Have the residents that some rows name written down; `call.noted` is waited for.

    Pseudonymised rows name nobody, and at an open base nobody asks.
    """
    if call.door.open or decision.mask == "pseudonym" or not _reaches_many(decision):
        return
    patients: set[str] = set()
    for one in rows:
        if one.type == "Patient":
            patients.add(one.id)
        patients.update(found.decode() for found in _PATIENT.findall(one.body))
    persons = await call.door.persons.of(call.door.store, patients)
    if persons:
        journal = call.door.journal
        call.noted.append(
            journal.named(call.account, decision, "read-api", call.address, call.now, persons)
        )


def _reaches_many(decision: Decision) -> bool:
    """Whether the scope reaches residents' data of more than the one asked about."""
    return any(one.patients is None and one.grade > Grade.LIMITED for one in decision.scope.grants)
